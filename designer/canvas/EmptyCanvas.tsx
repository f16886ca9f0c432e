import { Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { RoleButton } from "../app/RoleButton.tsx";
import { Empty } from "../elements/Empty.tsx";
import classes from "./editor.module.css";

export function EmptyCanvas({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.empty}>
      <Empty icon={Workflow} title={t("canvas.emptyTitle")} text={t("canvas.emptyText")}>
        <RoleButton permission="design" onClick={onAdd}>
          {t("canvas.emptyDo")}
        </RoleButton>
      </Empty>
    </div>
  );
}
