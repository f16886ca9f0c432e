import { FlaskConical } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Tool } from "../canvas/BoardTools.tsx";

/** The switch of the live preview; who may only look may look at this too. */
export function PreviewTool({ shown, onShow }: { shown: boolean; onShow: (shown: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <Tool
      icon={FlaskConical}
      label={t(shown ? "preview.close" : "preview.open")}
      keys="P"
      onClick={() => onShow(!shown)}
      pressed={shown}
      testId="preview"
    />
  );
}
