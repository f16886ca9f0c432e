import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, longest first: one of them begun last would run alone at the end. */
const longCross = ["crashPoints", "recovery", "designer", "chaos", "api", "limits", "promotion", "shapes", "poll"];

/** The same of all that come after the cross tests. */
const longOther = [
  "listener",
  "start",
  "files",
  "simulatedTime",
  "hintQueues",
  "environmentLimits",
  "simulated",
  "changingPages",
];

const rank = ({ moduleId, project }: TestSpecification): number => {
  const cross = project.name === "cross";
  const names = cross ? longCross : longOther;
  const at = names.indexOf(basename(moduleId, ".test.ts"));
  return (cross ? 0 : longCross.length + 1) + (at < 0 ? names.length : at);
};

/** Vitest's order, which knows times only of files that ran here before, behind those that are known to be long. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const group = (file: TestSpecification) => file.project.config.sequence.groupOrder;
    return sorted.sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
