/** Packages of the tests that come without types, or with those of something else. */

declare module 'parse-prometheus-text-format' {
  interface ParsedFamily {
    readonly name: string;
    readonly type: string;
    readonly help: string;
    readonly metrics: ReadonlyArray<{
      readonly labels?: Readonly<Record<string, string>>;
      readonly value?: string;
      readonly buckets?: Readonly<Record<string, string>>;
      readonly sum?: string;
      readonly count?: string;
    }>;
  }
  const parse: (text: string) => ParsedFamily[];
  export default parse;
}

declare module 'otlp-decoder/build/src/generated/root.js' {
  interface Message {
    decode(bytes: Uint8Array): object;
    // biome-ignore lint/suspicious/noExplicitAny: whatever the protocol's definition says
    toObject(message: object, options: object): any;
  }
  const protocol: {
    readonly opentelemetry: {
      readonly proto: {
        readonly collector: {
          readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: Message } };
          readonly metrics: { readonly v1: { readonly ExportMetricsServiceRequest: Message } };
        };
      };
    };
  };
  export default protocol;
}
