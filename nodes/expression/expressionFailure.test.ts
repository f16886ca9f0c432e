import { describe, expect, it } from "vitest";
import { sampleClock } from "../sample.fixture.ts";
import { evaluateExpression } from "./expression.ts";
import { expressionFailure } from "./expressionFailure.ts";

const failureOf = (text: string, item: unknown) =>
  evaluateExpression(text, item, { clock: sampleClock, salt: "node", variables: {} }).then(
    () => undefined,
    (raw: unknown) => expressionFailure(raw, "/request/body", "The expression /request/body of x12.sendShippingOrder"),
  );

describe("an expression that failed", () => {
  it("says no by its own code and sentence where a canonical document must not leave", async () => {
    const failure = await failureOf("{ 'lines': $toShip($) }", { externalNumber: "1042", status: "cancelled", lines: [] });
    expect(failure?.reason.code).toBe("toShip.status");
    expect(failure?.reason.message).toMatch(/^Nothing of the order 1042 is to ship: it is cancelled\./);
    expect(failure?.reason.hint).toBe("Correct the document and send it again, or let such documents pass by this node.");
  });

  it("says no by the sentence that $error was given", async () => {
    const failure = await failureOf("$error('The order has no SKU')", {});
    expect(failure).toMatchObject({
      class: "invalid",
      reason: { code: "expression.refused", message: "The order has no SKU.", path: "/request/body" },
    });
  });

  it("names the place of its own faults, and sends people there", async () => {
    const failure = await failureOf("$sum(lines.sku)", { lines: [{ sku: "A" }, { sku: "B" }] });
    expect(failure?.reason.code).toBe("expression.failed");
    expect(failure?.reason.message).toMatch(/^The expression \/request\/body of x12.sendShippingOrder failed at character 5: /);
    expect(failure?.reason.hint).toContain("correct the expression");
  });
});
