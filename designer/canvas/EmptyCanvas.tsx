import { Button } from "@mantine/core";
import { Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Empty } from "../elements/Empty.tsx";
import classes from "./editor.module.css";

export function EmptyCanvas({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.empty}>
      <Empty icon={Workflow} title={t("canvas.emptyTitle")} text={t("canvas.emptyText")}>
        <Button onClick={onAdd}>{t("canvas.emptyDo")}</Button>
      </Empty>
    </div>
  );
}
