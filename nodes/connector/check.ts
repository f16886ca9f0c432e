import { canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Problem } from "#schemas/problem.ts";
import { validateConnector } from "#schemas/validate/connector.ts";
import type { ConnectorContext } from "#schemas/validate/connectorContext.ts";
import { checkExpression } from "../expression/expression.ts";
import { toExpressionError } from "../expression/expressionError.ts";
import { namesIn } from "../expression/names.ts";
import { checkTemplate, namesInTemplate, plainPathTemplate } from "../expression/template.ts";
import { migrationProblems } from "../migrate/checkMigrations.ts";

/** What stands beside a connector file. */
export interface ConnectorFiles {
  /** Text of `.jsonata` files by name. */
  mappings: Readonly<Record<string, string>>;
  /** Names of the files in `samples/`; not checked when absent. */
  samples?: readonly string[];
}

const readPaths: NonNullable<ConnectorContext["readPaths"]> = (text) => {
  try {
    return { ok: true, paths: plainPathTemplate(text).paths };
  } catch (raw) {
    const { message, position } = toExpressionError(raw);
    return { ok: false, message, position };
  }
};

/**
 * Everything that is wrong with a connector file, its expressions and templates included, a sentence for each with its
 * place; it can be used when no error is among them.
 */
export const connectorProblems = (connector: unknown, files: ConnectorFiles): Problem[] =>
  validateConnector(connector, {
    checkExpression,
    checkTemplate,
    namesIn,
    namesInTemplate,
    readPaths,
    schemas: canonicalSchemaNames(),
    ...files,
  });

/** The same with the migrations tried on their examples, once nothing else is wrong. */
export async function allConnectorProblems(connector: unknown, files: ConnectorFiles): Promise<Problem[]> {
  const problems = connectorProblems(connector, files);
  if (problems.some(({ severity }) => severity === "error")) return problems;
  return [...problems, ...(await migrationProblems(connector as Connector))];
}
