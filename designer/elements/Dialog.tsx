import { Modal, type ModalProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { FirstFocus } from "./FirstFocus.tsx";
import { useFocusBack } from "./useFocusBack.ts";

interface DialogProps extends Omit<ModalProps, "opened"> {
  /** What the button that closes it says. */
  closeLabel?: string;
}

/** A dialog that stands while it is mounted. It keeps the focus, closes by Escape, and gives the focus back. */
export function Dialog({ returnFocus = true, closeLabel, children, ...props }: DialogProps) {
  const { t } = useTranslation();
  useFocusBack(returnFocus);
  return (
    <Modal opened closeButtonProps={{ "aria-label": closeLabel ?? t("common.close") }} {...props}>
      {children}
      <FirstFocus />
    </Modal>
  );
}
