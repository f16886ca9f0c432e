import { Select, Table } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { nodeNames } from "../canvas/names.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { compareRuns, type EdgeComparison } from "./compare.ts";
import { rowText } from "./data.ts";
import classes from "./preview.module.css";
import { choicesOf, chosenOf, usePreview } from "./preview.ts";
import { say } from "./say.ts";

/** Places that are shown of an edge; who wants more looks at the edge itself. */
const SHOWN = 12;

const scrollable = { tabIndex: 0 };

interface CompareDialogProps {
  flow: Flow;
  catalogue: Catalogue;
  onClose: () => void;
}

/** The sample that is shown beside another one: what differs at each edge, in count and in fields. */
export default function CompareDialog({ flow, catalogue, onClose }: CompareDialogProps) {
  const ground = usePreview((state) => state.ground);
  const kept = usePreview((state) => state.kept);
  const named = usePreview((state) => state.chosen);
  const runs = usePreview((state) => state.runs);
  const chosen = chosenOf({ ground, kept, chosen: named })?.sample;
  const others = choicesOf({ ground, kept }).flatMap(({ sample }) => (sample.name === chosen?.name ? [] : [sample]));
  const [picked, setPicked] = useState<string | null>(null);
  const other = others.find(({ name }) => name === picked) ?? others[0];
  const [left, right] = [runs[chosen?.name ?? ""], runs[other?.name ?? ""]];
  const nameOf = nodeNames(flow.nodes, catalogue.manifests);
  return (
    <Dialog onClose={onClose} title={say("compare.title")} size={920}>
      {!other || !chosen ? (
        <p className="ol-dim">{say("compare.only")}</p>
      ) : (
        <>
          <Select
            label={say("compare.with")}
            data={others.map(({ name, title }) => ({ value: name, label: title }))}
            value={other.name}
            onChange={setPicked}
            allowDeselect={false}
            mb={12}
            data-testid="compare-with"
          />
          {left && right ? (
            <section className={classes.tableBox} aria-label={say("compare.title")} data-testid="compare-table" {...scrollable}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{say("compare.edge")}</Table.Th>
                    <Table.Th>{chosen.title}</Table.Th>
                    <Table.Th>{other.title}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {compareRuns(flow, left, right).map((one) => (
                    <EdgeRows key={one.edge.id} comparison={one} nameOf={nameOf} />
                  ))}
                </Table.Tbody>
              </Table>
            </section>
          ) : (
            <p className="ol-dim">{say("compare.waits")}</p>
          )}
        </>
      )}
    </Dialog>
  );
}

function EdgeRows({ comparison, nameOf }: { comparison: EdgeComparison; nameOf: (node: string) => string }) {
  const { t } = useTranslation();
  const { edge, counts, fields } = comparison;
  const same = counts[0] === counts[1] && fields.length === 0;
  return (
    <>
      <Table.Tr>
        <Table.Th scope="row" style={{ fontWeight: 500, whiteSpace: "normal" }}>
          {nameOf(edge.from.node)} → {nameOf(edge.to.node)}{" "}
          <div className="ol-dim ol-small">{same ? say("compare.same") : say("compare.fields", { count: fields.length })}</div>
        </Table.Th>
        {counts.map((count, side) => (
          <Table.Td key={side === 0 ? "left" : "right"} className={counts[0] === counts[1] ? "ol-dim" : ""}>
            {t("preview.items", { count })}
          </Table.Td>
        ))}
      </Table.Tr>
      {fields.slice(0, SHOWN).map(({ pointer, left, right }) => (
        <Table.Tr key={pointer}>
          <Table.Td className="ol-mono ol-small" style={{ paddingLeft: 24 }}>
            {pointer}
          </Table.Td>
          <Table.Td className="ol-small">{left === undefined ? say("compare.none") : rowText(left)}</Table.Td>
          <Table.Td className="ol-small">{right === undefined ? say("compare.none") : rowText(right)}</Table.Td>
        </Table.Tr>
      ))}
      {fields.length > SHOWN && (
        <Table.Tr>
          <Table.Td colSpan={3} className="ol-dim ol-small" style={{ paddingLeft: 24 }}>
            {say("compare.left", { count: fields.length - SHOWN })}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}
