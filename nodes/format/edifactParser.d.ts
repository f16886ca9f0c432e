/** The part of the package `edifact` that the tests use as a judge; it has no types of its own. */
declare module "edifact/parser.js" {
  export default class Parser {
    on(event: "opensegment", listener: (tag: string) => void): this;
    on(event: "element" | "closesegment", listener: () => void): this;
    on(event: "component", listener: (text: string) => void): this;
    write(text: string): void;
    end(): void;
  }
}
