import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { address, useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import "./texts.ts";

interface RestoreDialogProps {
  flow: string;
  number: number;
  /** The version that was published last. */
  latest: number;
  action: { isPending: boolean; mutate: () => void };
  onClose: () => void;
}

/** Asks before a draft that was changed since it was published is given up. */
export default function RestoreDialog({ flow, number, latest, action, onClose }: RestoreDialogProps) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  return (
    <FormDialog
      title={t("versions.giveUp", { number })}
      onClose={onClose}
      action={action}
      submit={t("versions.giveUpDo")}
      testId="restore-confirm"
    >
      <p style={{ margin: 0 }}>{t("versions.giveUpText", { latest, number })}</p>
      <p style={{ margin: 0 }}>
        <Link className="ol-link" to={address.versionAndDraft(environment, flow, latest)} onClick={onClose}>
          {t("versions.giveUpSee")}
        </Link>
      </p>
    </FormDialog>
  );
}
