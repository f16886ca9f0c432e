import type { Command } from "commander";
import type { Io, Report } from "./output.ts";
import { urlOption } from "./server.ts";
import { pullTables, pushTables, type TableOptions, tableDrift } from "./tables.ts";

/** Commands that bring the reference tables of an environment into files, and back. */
export function tableCommands(root: Command, io: Io, show: (report: Report) => void): void {
  const tables = root.command("tables").description("reference tables of an environment as files");
  const of = (name: string, description: string): Command =>
    tables
      .command(name)
      .description(description)
      .argument("<folder>", "folder with tables/ENVIRONMENT/NAME.table.json")
      .requiredOption("--environment <id>", "whose tables")
      .option(...urlOption)
      .option("--json", "print JSON for machines");
  of("pull", "write the tables of an environment into a folder").action(async (folder: string, options: TableOptions) =>
    show(await pullTables(folder, options, io)),
  );
  of("push", "put the tables of a folder into an environment, each whole")
    .option("--dry-run", "only say what would change")
    .action(async (folder: string, options: TableOptions & { dryRun?: boolean }) => show(await pushTables(folder, options, io)));
  of("drift", "say which tables are otherwise than in files; fails when one is").action(
    async (folder: string, options: TableOptions) => show(await tableDrift(folder, options, io)),
  );
}
