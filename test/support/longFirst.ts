import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, longest first: one of them begun last would run alone at the end. */
const long = ["crashPoints", "recovery", "designer", "chaos", "api", "limits", "promotion", "shapes", "poll"].map(
  (name) => `${name}.test.ts`,
);

const rank = ({ moduleId }: TestSpecification): number => {
  const at = moduleId.includes("/test/") ? long.indexOf(basename(moduleId)) : -1;
  return at < 0 ? long.length : at;
};

/** Vitest's order, which knows times only of files that ran here before, behind those that are known to be long. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const group = (file: TestSpecification) => file.project.config.sequence.groupOrder;
    return sorted.sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
