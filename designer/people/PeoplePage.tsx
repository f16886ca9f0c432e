import { Button, SegmentedControl, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, SearchX, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Person } from "#schemas/people.ts";
import { peopleQuery } from "../api/queries.ts";
import { Empty } from "../elements/Empty.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { useFilter } from "../elements/useFilter.ts";
import { Grants } from "./GrantsField.tsx";
import { NewToken } from "./NewToken.tsx";
import { PersonDialog } from "./PersonDialog.tsx";
import { TokenList } from "./TokenList.tsx";
import "./texts.ts";

/** Everybody who can come in: people, and the tokens of machines. */
export function PeoplePage() {
  const { t } = useTranslation();
  const filter = useFilter();
  const tokens = filter.get("show") === "tokens";
  const [making, setMaking] = useState(false);
  const q = (filter.get("q") ?? "").toLowerCase();
  return (
    <Page
      title={t("people.title")}
      actions={
        <Button leftSection={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)} data-testid="new">
          {t(tokens ? "tokens.create" : "people.create")}
        </Button>
      }
    >
      <Tools>
        <SegmentedControl
          aria-label={t("people.show")}
          size="xs"
          data={[
            { value: "people", label: t("people.title") },
            { value: "tokens", label: t("tokens.title") },
          ]}
          value={tokens ? "tokens" : "people"}
          onChange={(value) => filter.set("show", value === "tokens" ? value : null)}
        />
        <SearchBox label={t("people.searchLabel")} value={filter.get("q") ?? ""} onChange={(text) => filter.set("q", text)} />
      </Tools>
      {tokens ? <TokenList q={q} /> : <PeopleList q={q} />}
      {making &&
        (tokens ? (
          <NewToken onClose={() => setMaking(false)} />
        ) : (
          <PersonDialog person={null} onClose={() => setMaking(false)} />
        ))}
    </Page>
  );
}

function PeopleList({ q }: { q: string }) {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery);
  const [changing, setChanging] = useState<Person | null>(null);
  return (
    <Loaded query={people} skeleton={<RowsSkeleton rows={4} />}>
      {({ items }) => {
        const found = items.filter(({ name, title }) => name.includes(q) || title.toLowerCase().includes(q));
        if (items.length === 0)
          return (
            <Empty icon={Users} title={t("people.emptyTitle")} text={t("people.emptyText")}>
              <Button component={Link} to="/set-up">
                {t("people.emptyDo")}
              </Button>
            </Empty>
          );
        if (found.length === 0)
          return <Empty icon={SearchX} title={t("people.noMatch", { query: q })} text={t("people.noMatchText")} />;
        return (
          <ListPanel>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("people.person")}</Table.Th>
                  <Table.Th>{t("people.roles")}</Table.Th>
                  <Table.Th>{t("people.signedIn")}</Table.Th>
                  <Table.Th data-end>{t("common.actions")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.map((person) => (
                  <Row key={person.id} person={person} onEdit={() => setChanging(person)} />
                ))}
              </Table.Tbody>
            </Table>
            {changing && <PersonDialog person={changing} onClose={() => setChanging(null)} />}
          </ListPanel>
        );
      }}
    </Loaded>
  );
}

function Row({ person, onEdit }: { person: Person; onEdit: () => void }) {
  const { t } = useTranslation();
  return (
    <Table.Tr data-testid="person-row">
      <Table.Td>
        <div style={{ display: "flex", gap: 8, alignItems: "center", fontWeight: 500 }}>
          {person.title}
          {person.state === "disabled" && <Label tone="waiting">{t("people.disabled")}</Label>}
        </div>
        <div className="ol-dim ol-small">
          {person.name}
          {person.sameAs !== null && ` · ${t("people.sameAsOf", { name: person.sameAs })}`}
        </div>
      </Table.Td>
      <Table.Td>
        <Grants grants={person.grants} />
      </Table.Td>
      <Table.Td className="ol-dim">{person.signedInAt ? <TimeText iso={person.signedInAt} /> : t("common.never")}</Table.Td>
      <Table.Td data-end>
        <Button variant="default" onClick={onEdit} aria-label={t("people.editTitle", { name: person.name })}>
          {t("people.edit")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
