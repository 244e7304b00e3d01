/** A wire format that is not the gateway's /v1, with one answer and one stream as its API gives them. */
export interface WireFormat {
  readonly name: string;
  /** The provider speaks the format of /v1 too, so that a client of it needs no translation. */
  readonly speaksChat?: true;
  /** The `model` of an endpoint whose provider is at this base URL. */
  model(base: string): object;
  /** Where the gateway asks for a whole answer, and for a stream. */
  readonly chatPath: string;
  readonly streamPath: string;
  /** The body of a whole answer, as JSON. */
  readonly answer: string;
  readonly streamContentType: string;
  /** How the provider's own clients ask the gateway, where it lets their bytes through. */
  readonly native?: {
    /** The path at the gateway for an endpoint of this name. */
    path(endpoint: string, isStream: boolean): string;
    body(endpoint: string, isStream: boolean): object;
  };
  /** The events of a stream with so many pieces of text, each piece beginning with a space and a `w`. */
  events(pieces: number): Buffer[];
}

export const QUESTION = 'How does a canal lock work, and who built the first one? Answer in two sentences.';
export const TEXT =
  'A lock lifts boats by letting water in between two gates. The first pound lock was built in China in 984.';
export const words = (pieces: number): string[] => Array.from({ length: pieces }, (_, index) => ` w${index}`);
export const sse = (event: string | null, data: object, newline = '\n'): Buffer =>
  Buffer.from(`${event === null ? '' : `event: ${event}${newline}`}data: ${JSON.stringify(data)}${newline}${newline}`);
