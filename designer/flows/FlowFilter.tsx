import { SegmentedControl, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { FlowSummary } from "#schemas/api.ts";
import { count } from "../elements/numbers.ts";
import { SearchBox } from "../elements/SearchBox.tsx";
import classes from "./flows.module.css";
import { say } from "./say.ts";
import { ownersOf, tagsOf, type Wanted } from "./search.ts";

interface FlowFilterProps {
  flows: readonly FlowSummary[];
  /** Absent until they are read. */
  found: number | undefined;
  wanted: Wanted;
  archived: boolean;
  onSet: (name: "q" | "tag" | "owner" | "show", value: string | null) => void;
}

/** How the list is narrowed: by words, by tag, by owner; and whether it is of those in use. */
export function FlowFilter({ flows, found, wanted, archived, onSet }: FlowFilterProps) {
  const { t } = useTranslation();
  return (
    <>
      <SearchBox label={t("flows.searchLabel")} value={wanted.q} onChange={(text) => onSet("q", text)} />
      <Select
        aria-label={say("list.tag")}
        placeholder={say("list.anyTag")}
        data={tagsOf(flows)}
        value={wanted.tag ?? null}
        onChange={(tag) => onSet("tag", tag)}
        clearable
        searchable
        w={150}
        data-testid="flows-tag"
      />
      <Select
        aria-label={say("list.owner")}
        placeholder={say("list.anyOwner")}
        data={ownersOf(flows)}
        value={wanted.owner ?? null}
        onChange={(owner) => onSet("owner", owner)}
        clearable
        searchable
        w={170}
        data-testid="flows-owner"
      />
      <SegmentedControl
        size="xs"
        aria-label={say("list.shown")}
        value={archived ? "archived" : "inUse"}
        onChange={(value) => onSet("show", value === "archived" ? value : null)}
        data={[
          { value: "inUse", label: say("list.inUse") },
          { value: "archived", label: say("list.archived") },
        ]}
        data-testid="flows-shown"
      />
      <span className={`ol-dim ol-small ${classes.total}`} role="status">
        {found !== undefined && say("list.total", { count: found, shown: count(found) })}
      </span>
    </>
  );
}
