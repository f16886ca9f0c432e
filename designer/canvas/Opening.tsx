import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PageBar } from "../elements/PageBar.tsx";

/** What is seen of a canvas before it is there. */
export function Opening() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")}>
      <PageBar title={<Skeleton height={16} width={220} />} />
      <div style={{ display: "flex", gap: 80, padding: "160px 64px" }}>
        {[1, 2, 3, 4].map((card) => (
          <Skeleton key={card} height={112} width={240} radius="md" />
        ))}
      </div>
    </div>
  );
}
