import { Skeleton, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./elements.module.css";

const widths = [92, 79, 66, 88, 71, 83, 58, 90, 76, 62];

/** Rows to come, of about the height of the real ones. */
export function RowsSkeleton({ rows = 8 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className={classes.panel} role="status" aria-label={t("common.loading")}>
      <Stack gap={0} p={12}>
        {widths.slice(0, rows).map((width) => (
          <Skeleton key={width} height={14} my={10} width={`${width}%`} />
        ))}
      </Stack>
    </div>
  );
}
