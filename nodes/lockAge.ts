import type { Connector } from "#schemas/connector.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { Problem } from "#schemas/problem.ts";
import { compareVersions } from "#schemas/semver.ts";
import { endOf } from "#schemas/validate/lifecycle.ts";
import type { Catalog } from "./lock.ts";

/** As much of a lock as tells how old it is. */
interface Makings {
  connectors: Record<string, Pick<Connector, "id" | "title" | "version" | "lifecycle">>;
  manifests: Record<string, Pick<NodeManifest, "type" | "title" | "lifecycle">>;
}

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/**
 * What has become old of what a version was made with: connectors of which an installed one says that they are deprecated, APIs
 * that end, operations that another one stands for. A version never changes, so each says how to come to another.
 */
export function lockAge(
  lock: Makings,
  { connectors, manifests }: Pick<Catalog, "connectors" | "manifests">,
  now: Date,
): Problem[] {
  const about = { severity: "warning" as const, pointer: "" };
  const ofConnectors = Object.values(lock.connectors).flatMap(({ id, title, version, lifecycle }): Problem[] => {
    const installed = own(connectors, id);
    const { deprecates, state } = installed?.lifecycle ?? {};
    const hint =
      installed && compareVersions(installed.version, version) > 0 ? republish(title, installed.version) : newer(title);
    if (installed && deprecates !== undefined && compareVersions(version, deprecates) <= 0) {
      const message = `It was made with the connector ${title} ${version}; version ${installed.version} deprecates all up to ${deprecates}.`;
      return [{ ...about, code: "connector.deprecatedVersion", message, hint }];
    }
    const end = endOf(lifecycle, now);
    if (end) {
      const code = end.ended ? "connector.sunset" : "connector.sunsetSoon";
      return [{ ...about, code, message: `It was made with the connector ${title} ${version}, which ${end.what}.`, hint }];
    }
    const message = `It was made with the connector ${title}, which is deprecated.`;
    return state === "deprecated" ? [{ ...about, code: "connector.deprecated", message, hint: newer(title) }] : [];
  });
  const ofTypes = Object.values(lock.manifests).flatMap(({ type, title, ...made }): Problem[] => {
    const lifecycle = own(manifests, type)?.lifecycle ?? made.lifecycle;
    const end = endOf(lifecycle ?? {}, now);
    const to = lifecycle?.replacedBy;
    if (!end && to === undefined) return [];
    const code = end ? (end.ended ? "node.sunset" : "node.sunsetSoon") : "node.deprecated";
    const hint = to === undefined ? newer(title) : `Use ${to} in its place in the draft, publish, and deploy that version.`;
    return [{ ...about, code, message: `It has ${title} (${type}), which ${end ? end.what : "is deprecated"}.`, hint }];
  });
  return [...ofConnectors, ...ofTypes];
}

const republish = (title: string, version: string): string =>
  `Publish the draft again: it takes ${title} ${version}. Then deploy that version.`;

const newer = (title: string): string => `Look for a newer version of ${title}.`;
