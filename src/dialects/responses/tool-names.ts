import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** How the client knows a tool that a model knows as a function. */
export interface ClientTool {
  readonly name: string;
  /** It takes free text instead of JSON. */
  readonly isCustom: boolean;
  readonly namespace: string | null;
}

/** The tools of a request by the names under which the model knows them. */
export class ToolNames {
  readonly #tools = new Map<string, ClientTool>();

  constructor({ tools }: JsonObject) {
    if (Array.isArray(tools)) for (const tool of tools) this.#add(tool, null);
  }

  static joined(namespace: string, name: string): string {
    return namespace.endsWith('_') ? namespace + name : `${namespace}__${name}`;
  }

  find(name: string): ClientTool {
    return this.#tools.get(name) ?? { name, isCustom: false, namespace: null };
  }

  #add(tool: unknown, namespace: string | null): void {
    if (!isJsonObject(tool) || typeof tool.name !== 'string') return;
    const { name, type, tools } = tool;
    if (type === 'namespace' && Array.isArray(tools)) {
      for (const inner of tools) this.#add(inner, name);
    } else if (type === 'custom' || namespace !== null) {
      const known = namespace === null ? name : ToolNames.joined(namespace, name);
      this.#tools.set(known, { name, isCustom: type === 'custom', namespace });
    }
  }
}

/** The arguments under which a model is shown the free text that a tool was called with. */
export function argumentsOfInput(input: string): string {
  return JSON.stringify({ input });
}

/** The free text in the arguments that a model wrote; the arguments themselves where they are something else. */
export function inputOfArguments(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value) && typeof value.input === 'string') return value.input;
  } catch {
    // The answer ended in the middle of it.
  }
  return text;
}
