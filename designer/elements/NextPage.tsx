import { Button, Center } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface NextPageProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The way to older rows, when there are any. */
export function NextPage({ query }: NextPageProps) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <Center p={12}>
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        {t("common.more")}
      </Button>
    </Center>
  );
}
