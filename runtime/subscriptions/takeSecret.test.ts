import { expect, it } from "vitest";
import { takeSecret } from "./takeSecret.ts";

const answer = (body: string) => ({ status: 200, headers: {}, body });

it("takes the secret out of an answer and leaves the rest as it was, long numbers too", () => {
  const taken = takeSecret(
    answer('{"data":{"hook":{"id":820982911946154508,"key":"s3cret","url":"https://a"}}}'),
    "/data/hook/key",
  );
  expect(taken.secret).toBe("s3cret");
  expect(JSON.parse(taken.response.body)).toEqual({ data: { hook: { id: "820982911946154508", url: "https://a" } } });
});

it.each(["", "no json", "{}", '{"secret":""}', '{"secret":7}', '{"secret":{"at":"x"}}', "[1]"])("finds none in %s", (body) => {
  expect(takeSecret(answer(body), "/secret")).toEqual({ response: answer(body), secret: null });
});
