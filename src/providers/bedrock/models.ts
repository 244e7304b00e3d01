/**
 * What the id of a model says about it. Converse speaks to every model in one format, but not every model takes all
 * of it: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
 */
export interface Model {
  readonly id: string;
  /** `anthropic`, `amazon`, `meta`…; null where an ARN does not name the model behind it. */
  readonly vendor: string | null;
  /** How the model is told how much to think. */
  readonly thinking: Thinking;
  /** Whether cache points are understood. */
  readonly cachesPrompts: boolean;
  /** Whether a JSON schema is enforced, for answers and for strict tools. */
  readonly enforcesSchemas: boolean;
  /** Where settings that Converse does not have stand in `additionalModelRequestFields`. */
  readonly extraSettings: Readonly<Record<string, readonly string[]>>;
  /** Fields of the client's body that belong into `additionalModelRequestFields` as they are. */
  readonly ownFields: ReadonlySet<string>;
}

/**
 * `adaptive`: Claude, which decides by itself and takes an effort; `budget`: Claude, with a number of tokens; `nova`:
 * Amazon's `reasoningConfig`; `effort`: OpenAI's `reasoning_effort`; `unknown`: whatever stands behind an ARN.
 */
export type Thinking = 'adaptive' | 'budget' | 'nova' | 'effort' | 'unknown' | 'none';

/** Before the vendor stand a region group (`us.`) or an ARN; after it a dot and the model. */
const VENDOR_AND_NAME =
  /(?:^|[./])(ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot(?:ai)?|nvidia|openai|qwen|writer|zai)\.([^/]+)$/;

export function readModel(id: string): Model {
  const [, vendor = null, name = ''] = VENDOR_AND_NAME.exec(id) ?? [];
  return {
    id,
    vendor,
    thinking: thinkingOf(vendor, name),
    cachesPrompts: vendor === null || vendor === 'anthropic' || (vendor === 'amazon' && name.startsWith('nova')),
    enforcesSchemas: enforcesSchemas(vendor, name),
    extraSettings: EXTRA_SETTINGS[vendor ?? 'unknown'] ?? {},
    ownFields: new Set(OWN_FIELDS[vendor ?? 'anthropic']),
  };
}

const EXTRA_SETTINGS: Readonly<Record<string, Model['extraSettings']>> = {
  ai21: { frequency_penalty: ['frequency_penalty'], presence_penalty: ['presence_penalty'] },
  amazon: { top_k: ['inferenceConfig', 'topK'] },
  anthropic: { top_k: ['top_k'] },
  cohere: {
    top_k: ['k'],
    seed: ['seed'],
    frequency_penalty: ['frequency_penalty'],
    presence_penalty: ['presence_penalty'],
  },
  mistral: { top_k: ['top_k'] },
  unknown: { top_k: ['top_k'] },
};

const OWN_FIELDS: Readonly<Record<string, readonly string[]>> = {
  amazon: ['reasoningConfig'],
  anthropic: ['anthropic_beta', 'context_management', 'output_config', 'thinking'],
  cohere: ['documents', 'search_queries_only', 'force_single_step'],
};

/** Major and minor version as one number, for example 4.5; infinite where the name has none, as the newest may. */
export function claudeVersion(name: string): number {
  if (/^claude-(?:v\d|instant)/.test(name)) return 0;
  const match = /^claude-(?:[a-z]+-)?(\d+)(?:-(\d{1,2})(?!\d))?/.exec(name);
  return match ? Number(match[1]) + Number(match[2] ?? 0) / 10 : Number.POSITIVE_INFINITY;
}

function thinkingOf(vendor: string | null, name: string): Thinking {
  if (vendor === null) return 'unknown';
  if (vendor === 'amazon') return name.startsWith('nova-2') ? 'nova' : 'none';
  if (vendor === 'openai') return 'effort';
  if (vendor !== 'anthropic') return 'none';
  const version = claudeVersion(name);
  if (version >= 4.6) return 'adaptive';
  return version >= 3.7 ? 'budget' : 'none';
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
function enforcesSchemas(vendor: string | null, name: string): boolean {
  switch (vendor) {
    case 'ai21':
    case 'amazon':
    case 'cohere':
    case 'meta':
    case 'writer':
      return false;
    case 'anthropic':
      return claudeVersion(name) >= 4.5;
    case 'deepseek':
      return !name.startsWith('r1');
    case 'mistral':
      return /^(?:magistral|ministral|voxtral|devstral|mistral-large-3)/.test(name);
    default:
      return true;
  }
}

/** Models that were made before chat, and have a format of their own for completing a text. */
export type TextFormat = 'titan' | 'ai21' | 'claude' | 'cohere';

/** Null for models that are asked to complete a text as a chat with one message. */
export function textFormatOf({ vendor, id }: Model): TextFormat | null {
  if (vendor === 'amazon' && id.includes('amazon.titan-t')) return 'titan';
  if (vendor === 'ai21' && id.includes('ai21.j2')) return 'ai21';
  if (vendor === 'anthropic' && /claude-(?:v\d|instant)/.test(id)) return 'claude';
  if (vendor === 'cohere' && /cohere\.command-(?:light-)?text/.test(id)) return 'cohere';
  return null;
}

/** The id as one segment of a URL's path. AWS wants everything escaped but unreserved characters. */
export function modelUrl(base: string, id: string, action: string): string {
  const segment = encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${base}/model/${segment}/${action}`;
}
