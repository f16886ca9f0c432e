/** A subscription as the system has it. */
export interface FoundSubscription {
  id: string;
  topic: string;
  address: string;
  /** Milliseconds since 1970; null for one that does not end by itself. */
  expiresAt: number | null;
  /** Whether it is as it would be made today. */
  current: boolean;
  /** As the system gave it. */
  given: unknown;
}

/** A subscription that was made here, or taken over. */
export interface NotedSubscription {
  id: string;
  topic: string;
  expiresAt: number | null;
  /** Tells what it proves itself with from another; null for nothing, and where that is not known. */
  proof: string | null;
}

/** What is to stand. */
export interface WantedSubscriptions {
  /** Where webhooks are taken in. */
  address: string;
  /** None when the source is gone. */
  topics: readonly string[];
  /** Of what it is to prove itself with; null for nothing. */
  proof: string | null;
  /** The ids of those whose secret is known, where the system gives each one of its own; else null. */
  secrets: readonly string[] | null;
  now: number;
  earlyMs: number;
  /** Whether the system renews one; else it is made anew. */
  renews: boolean;
}

export type SubscriptionStep =
  | { do: "delete" | "renew"; subscription: FoundSubscription }
  /** Which one stays as it is. */
  | { do: "keep"; subscription: FoundSubscription }
  | { do: "create"; topic: string };

/**
 * What has to be done so that of each topic exactly one subscription stands at our address, and none of ours besides. Ours is
 * what sends to our address, or was noted as made here; others are never touched. Deletes come first: some systems take an
 * address only once.
 */
export function reconcile(
  wanted: WantedSubscriptions,
  noted: readonly NotedSubscription[],
  found: readonly FoundSubscription[],
): SubscriptionStep[] {
  const known = new Map(noted.map((each) => [each.id, each]));
  const ours = found.filter(({ id, address }) => address === wanted.address || known.has(id));
  const good = ours.filter(
    ({ id, address, current }) =>
      current &&
      address === wanted.address &&
      provesRight(wanted.proof, known.get(id)) &&
      (wanted.secrets === null || wanted.secrets.includes(id)),
  );
  const topics = [...new Set(wanted.topics)];
  const kept = topics.flatMap((topic) => best(good.filter((each) => each.topic === topic)) ?? []);
  const ending = kept.filter(({ expiresAt }) => expiresAt !== null && expiresAt - wanted.earlyMs <= wanted.now);
  const renewed = wanted.renews ? ending : [];
  const lasting = kept.filter((each) => !ending.includes(each));
  const staying = [...lasting, ...renewed];
  return [
    ...ours.filter((each) => !staying.includes(each)).map((subscription) => ({ do: "delete" as const, subscription })),
    ...lasting.map((subscription) => ({ do: "keep" as const, subscription })),
    ...renewed.map((subscription) => ({ do: "renew" as const, subscription })),
    ...topics.filter((topic) => !staying.some((each) => each.topic === topic)).map((topic) => ({ do: "create" as const, topic })),
  ];
}

/** One that is not noted was made in a moment that nobody survived, or by hand: it is taken over as it is. */
const provesRight = (proof: string | null, noted: NotedSubscription | undefined): boolean =>
  noted === undefined || noted.proof === null || noted.proof === proof;

/** The one that lasts longest; of equals the first, so that whoever asks again finds the same. */
const best = (candidates: readonly FoundSubscription[]): FoundSubscription | undefined =>
  candidates.reduce<FoundSubscription | undefined>(
    (longest, each) => (longest === undefined || endOf(each) > endOf(longest) ? each : longest),
    undefined,
  );

const endOf = ({ expiresAt }: FoundSubscription): number => expiresAt ?? Number.POSITIVE_INFINITY;
