import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DraftSaved, FlowDetail } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { ApiFailure } from "../api/client.ts";
import { createDraft, type Save } from "./draft.ts";

const detail = (revision = 1): FlowDetail => ({
  flow: validFlow(),
  revision,
  updatedAt: "2026-01-01T00:00:00Z",
  updatedBy: "ann",
  problems: [],
  latestVersion: null,
  changed: false,
  deployments: [],
  archivedAt: null,
});

const rename = (name: string) => ({ kind: "setFlow" as const, change: { name } });
const saved = (revision: number): DraftSaved => ({ revision, problems: [], changed: true });

describe("a draft that saves itself", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("saves once after a burst of changes, based on the revision it has", async () => {
    const save = vi.fn<Save>(async (_, revision) => saved(revision + 1));
    const draft = createDraft(detail(7), save);
    for (const name of ["a", "ab", "abc"]) draft.getState().dispatch(rename(name));
    expect(draft.getState().save.kind).toBe("unsaved");
    await vi.advanceTimersByTimeAsync(700);
    expect(save).toHaveBeenCalledOnce();
    expect(save.mock.calls[0]?.[0].name).toBe("abc");
    expect(save.mock.calls[0]?.[1]).toBe(7);
    expect(draft.getState()).toMatchObject({ revision: 8, changed: true, save: { kind: "saved" } });
  });

  it("never has two saves under way; what was typed meanwhile goes with the next, on the new revision", async () => {
    const waiting: ((answer: DraftSaved) => void)[] = [];
    const save = vi.fn<Save>((_flow: Flow, _revision: number) => new Promise((resolve) => waiting.push(resolve)));
    const draft = createDraft(detail(), save);
    draft.getState().dispatch(rename("first"));
    await vi.advanceTimersByTimeAsync(700);
    draft.getState().dispatch(rename("second"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(save).toHaveBeenCalledOnce();
    waiting[0]?.(saved(2));
    await vi.advanceTimersByTimeAsync(700);
    expect(save.mock.calls[1]?.[0].name).toBe("second");
    expect(save.mock.calls[1]?.[1]).toBe(2);
  });

  it("stops at a conflict, keeps our changes, and writes over theirs only when told to", async () => {
    const conflict = new ApiFailure(409, {
      code: "draftConflict",
      message: "Changed meanwhile.",
      details: { revision: 9, updatedAt: "2026-01-01T00:00:00Z", updatedBy: "bob" },
    });
    const save = vi.fn<Save>().mockRejectedValueOnce(conflict).mockResolvedValue(saved(10));
    const draft = createDraft(detail(), save);
    draft.getState().dispatch(rename("mine"));
    await vi.advanceTimersByTimeAsync(700);
    expect(draft.getState().save).toMatchObject({ kind: "conflict", by: "bob", revision: 9 });
    draft.getState().dispatch(rename("still mine"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledOnce();
    draft.getState().overwrite();
    await vi.advanceTimersByTimeAsync(0);
    expect(save.mock.calls[1]?.[0].name).toBe("still mine");
    expect(save.mock.calls[1]?.[1]).toBe(9);
    expect(draft.getState().save.kind).toBe("saved");
  });

  it("tries again by itself when the server cannot be reached, and says why meanwhile", async () => {
    const save = vi
      .fn<Save>()
      .mockRejectedValueOnce(new ApiFailure(0, { code: "unreachable", message: "The server cannot be reached." }))
      .mockResolvedValue(saved(2));
    const draft = createDraft(detail(), save);
    draft.getState().dispatch(rename("x"));
    await vi.advanceTimersByTimeAsync(700);
    expect(draft.getState().save).toEqual({ kind: "unsaved", reason: "The server cannot be reached." });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(draft.getState().save.kind).toBe("saved");
  });

  it("does not repeat what the server has refused until something changes", async () => {
    const save = vi.fn<Save>().mockRejectedValue(new ApiFailure(400, { code: "bad", message: "The name is too long." }));
    const draft = createDraft(detail(), save);
    draft.getState().dispatch(rename("x"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledOnce();
  });
});
