import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  OperationTypeNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { isObject } from "#schemas/isObject.ts";
import type { QueryCost } from "#schemas/simulator.ts";

/** A GraphQL request as it stands in a body. */
export interface Query {
  document: DocumentNode;
  variables: Record<string, unknown>;
}

/** The request that a body holds; a `GraphQLError` where its query cannot be read, undefined where it has none. */
export function queryOf(body: unknown): Query | undefined {
  if (!isObject(body) || typeof body.query !== "string") return undefined;
  return { document: parse(body.query, { noLocation: true }), variables: isObject(body.variables) ? body.variables : {} };
}

/** What stands under a field in the answer; before there is one, anything may. */
type Held = { known: false } | { known: true; value: unknown };

const ANYTHING: Held = { known: false };

interface Walk extends Query {
  cost: QueryCost;
  free: RegExp | undefined;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** What a request costs at most: all that it may be given. */
export const requestedCost = (cost: QueryCost, query: Query): number => operationsCost(walkOf(cost, query), ANYTHING);

/** What it cost, by the `data` that it was given. */
export const actualCost = (cost: QueryCost, query: Query, data: unknown): number =>
  operationsCost(walkOf(cost, query), { known: true, value: data });

function walkOf(cost: QueryCost, query: Query): Walk {
  const definitions = query.document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  const free = cost.free === undefined ? undefined : new RegExp(cost.free);
  return { ...query, cost, free, fragments: new Map(definitions.map((each) => [each.name.value, each])) };
}

function operationsCost(walk: Walk, held: Held): number {
  const operations = walk.document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  return total(operations, ({ operation, selectionSet }) =>
    operation === OperationTypeNode.MUTATION
      ? mutationsCost(walk, selectionSet, held)
      : selectionsCost(walk, selectionSet.selections, held),
  );
}

const total = <T>(list: readonly T[], each: (one: T) => number): number => list.reduce((sum, one) => sum + each(one), 0);

/** The records that a mutation answers are in its price; what is asked of them beyond is not. */
const mutationsCost = (walk: Walk, { selections }: SelectionSetNode, held: Held): number =>
  total(fieldsOf(selections), (mutation) => {
    const answered = under(held, mutation);
    const records = fieldsOf(mutation.selectionSet?.selections ?? []);
    return (
      walk.cost.mutation +
      total(records, (record) => selectionsCost(walk, record.selectionSet?.selections ?? [], under(answered, record)))
    );
  });

const fieldsOf = (selections: readonly SelectionNode[]): FieldNode[] => selections.filter((each) => each.kind === Kind.FIELD);

/** Of fragments on several types an object is at most one: the dearest counts. */
function selectionsCost(walk: Walk, selections: readonly SelectionNode[], held: Held): number {
  if (nothingIn(held)) return 0;
  const fragments = selections.flatMap((each) => {
    if (each.kind === Kind.INLINE_FRAGMENT) return [each.selectionSet];
    const named = each.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(each.name.value) : undefined;
    return named ? [named.selectionSet] : [];
  });
  const dearest = Math.max(0, ...fragments.map((each) => selectionsCost(walk, each.selections, held)));
  return dearest + total(fieldsOf(selections), (field) => fieldCost(walk, field, under(held, field)));
}

const nothingIn = (held: Held): boolean => held.known && (held.value === undefined || held.value === null);

function under(held: Held, { name, alias }: FieldNode): Held {
  if (!held.known) return ANYTHING;
  return { known: true, value: isObject(held.value) ? held.value[(alias ?? name).value] : undefined };
}

function fieldCost(walk: Walk, field: FieldNode, held: Held): number {
  const { selectionSet } = field;
  // A field of another type than the answer's is not in it.
  if (!selectionSet || walk.free?.test(field.name.value) || (held.known && held.value === undefined)) return 0;
  const paged = fieldsOf(selectionSet.selections).filter(({ name }) => name.value === "nodes" || name.value === "edges");
  const size = sizeOf(walk, field);
  if (paged.length === 0 && size === undefined) return walk.cost.object + dearestOf(walk, selectionSet, held);
  const records = paged.length === 0 ? [{ selectionSet, held }] : paged.map((page) => recordsOf(page, under(held, page)));
  return walk.cost.list + total(records, (each) => pageCost(walk, each, size ?? walk.cost.size));
}

/** What each record of a page is asked for, and the records in the answer. */
function recordsOf(page: FieldNode, held: Held): { selectionSet: SelectionSetNode | undefined; held: Held } {
  if (page.name.value === "nodes") return { selectionSet: page.selectionSet, held };
  const node = fieldsOf(page.selectionSet?.selections ?? []).find(({ name }) => name.value === "node");
  if (!node) return { selectionSet: undefined, held };
  const records = held.known && Array.isArray(held.value) ? held.value.map((edge) => valueIn(edge, node)) : undefined;
  return { selectionSet: node.selectionSet, held: held.known ? { known: true, value: records } : ANYTHING };
}

function valueIn(edge: unknown, node: FieldNode): unknown {
  const held = under({ known: true, value: edge }, node);
  return held.known ? held.value : undefined;
}

function pageCost(
  walk: Walk,
  { selectionSet, held }: { selectionSet: SelectionSetNode | undefined; held: Held },
  size: number,
): number {
  const count = held.known ? (Array.isArray(held.value) ? held.value.length : 0) : size;
  if (count === 0) return 0;
  const each = walk.cost.record + (selectionSet ? dearestOf(walk, selectionSet, held) : 0);
  return each * (walk.cost.scale === "each" ? count : Math.floor(2 * Math.log(Math.max(2, count))));
}

/** Of a list, that of its dearest object. */
function dearestOf(walk: Walk, { selections }: SelectionSetNode, held: Held): number {
  if (!held.known || !Array.isArray(held.value)) return selectionsCost(walk, selections, held);
  return Math.max(0, ...held.value.map((value: unknown) => selectionsCost(walk, selections, { known: true, value })));
}

/** What `first` or `last` says, as a number or a variable. */
function sizeOf(walk: Walk, { arguments: given = [] }: FieldNode): number | undefined {
  const said = given.find(({ name }) => name.value === "first" || name.value === "last");
  return said && sizeIn(walk, said.value);
}

function sizeIn({ variables, cost }: Walk, value: ValueNode): number {
  if (value.kind === Kind.INT) return Number(value.value);
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return typeof given === "number" ? given : cost.size;
}
