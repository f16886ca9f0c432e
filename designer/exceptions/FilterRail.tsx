import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { DeadLetterCounts } from "#schemas/deadLetter.ts";
import { connectorsQuery, deadLetterCountsQuery } from "../api/queries.ts";
import { useNames } from "../elements/names.ts";
import { count } from "../elements/numbers.ts";
import classes from "./exceptions.module.css";
import { type FacetName, facetNames, type LetterFilter, none } from "./useLetterFilter.ts";
import "./texts.ts";

/** What the dead letters can be narrowed by, each value with how many it would leave. */
export function FilterRail({ filter }: { filter: LetterFilter }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.rail} aria-label={t("exceptions.filters")}>
      {facetNames.map((name) => (
        <Facet key={name} name={name} filter={filter} />
      ))}
    </nav>
  );
}

interface Choice {
  value: string;
  count: number;
}

const choicesOf: Record<FacetName, (counts: DeadLetterCounts) => Choice[]> = {
  class: ({ classes: all }) => all.map((each) => ({ value: each.class, count: each.count })),
  connector: ({ connectors }) => connectors.map((each) => ({ value: each.connector ?? none, count: each.count })),
  flow: ({ flows }) => flows.map((each) => ({ value: each.flow, count: each.count })),
  assignee: ({ assignees }) => assignees.map((each) => ({ value: each.assignee ?? none, count: each.count })),
  tag: ({ tags }) => tags.map((each) => ({ value: each.tag, count: each.count })),
};

function Facet({ name, filter }: { name: FacetName; filter: LetterFilter }) {
  const { t } = useTranslation();
  // Its own choice is left out, so that the others can be seen and taken instead.
  const { data } = useQuery(deadLetterCountsQuery({ ...filter.values, [name]: undefined }));
  const labelOf = useLabels(name);
  const chosen = filter.get(name);
  const found = data ? choicesOf[name](data) : [];
  const choices =
    chosen !== undefined && !found.some(({ value }) => value === chosen) ? [...found, { value: chosen, count: 0 }] : found;
  if (choices.length === 0) return null;
  const title = t(`exceptions.facet.${name}`);
  return (
    <section className={classes.facet}>
      <h2>{title}</h2>
      <ul>
        {choices.map(({ value, count: many }) => (
          <li key={value}>
            <button
              type="button"
              className={classes.choice}
              aria-pressed={value === chosen}
              onClick={() => filter.set(name, value === chosen ? null : value)}
              data-testid={`facet-${name}-${value}`}
            >
              <span className="ol-clip">{labelOf(value)}</span>
              <span className="ol-number ol-dim">{count(many)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useLabels(name: FacetName): (value: string) => string {
  const { t } = useTranslation();
  const names = useNames([]);
  const connectors = useQuery(connectorsQuery);
  switch (name) {
    case "class":
      return (value) => t(`outcome.${value as DeadLetterCounts["classes"][number]["class"]}`);
    case "connector":
      return (value) =>
        value === none ? t("exceptions.noSystem") : (connectors.data?.items.find(({ id }) => id === value)?.title ?? value);
    case "flow":
      return names.flow;
    case "assignee":
      return (value) => (value === none ? t("exceptions.nobody") : value);
    case "tag":
      return (value) => value;
  }
}
