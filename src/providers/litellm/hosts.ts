/** A provider of LiteLLM's catalog whose API is OpenAI's. */
export interface Host {
  /** Null where only the operator knows it: `api_base` must be given. */
  readonly base: string | null;
  /** What LiteLLM adds to a given `api_base`. */
  readonly path?: string;
  /** Servers that are run by oneself mostly ask for no key. */
  readonly keyless?: true;
}

const at = (base: string): Host => ({ base });
const ownServer = (base: string | null): Host => ({ base, keyless: true });

/** By the names that LiteLLM gives them: https://docs.litellm.ai/docs/providers */
export const HOSTS: ReadonlyMap<string, Host> = new Map(
  Object.entries({
    ai21: at('https://api.ai21.com/studio/v1'),
    ai21_chat: at('https://api.ai21.com/studio/v1'),
    aihubmix: at('https://aihubmix.com/v1'),
    aiml: at('https://api.aimlapi.com/v1'),
    anyscale: at('https://api.endpoints.anyscale.com/v1'),
    baseten: at('https://inference.baseten.co/v1'),
    cerebras: at('https://api.cerebras.ai/v1'),
    chutes: at('https://llm.chutes.ai/v1'),
    cometapi: at('https://api.cometapi.com/v1'),
    compactifai: at('https://api.compactif.ai/v1'),
    custom_openai: ownServer(null),
    dashscope: at('https://dashscope-intl.aliyuncs.com/compatible-mode/v1'),
    databricks: { base: null, path: 'serving-endpoints' },
    deepinfra: at('https://api.deepinfra.com/v1/openai'),
    deepseek: at('https://api.deepseek.com/v1'),
    docker_model_runner: ownServer('http://localhost:12434/engines/llama.cpp/v1'),
    empower: at('https://app.empower.dev/api/v1'),
    featherless_ai: at('https://api.featherless.ai/v1'),
    fireworks_ai: at('https://api.fireworks.ai/inference/v1'),
    friendliai: at('https://api.friendli.ai/serverless/v1'),
    galadriel: at('https://api.galadriel.com/v1'),
    github: at('https://models.github.ai/inference'),
    gmi: at('https://api.gmi-serving.com/v1'),
    gradient_ai: at('https://inference.do-ai.run/v1'),
    groq: at('https://api.groq.com/openai/v1'),
    helicone: at('https://ai-gateway.helicone.ai'),
    heroku: at('https://us.inference.heroku.com/v1'),
    hosted_vllm: ownServer(null),
    huggingface: at('https://router.huggingface.co/v1'),
    hyperbolic: at('https://api.hyperbolic.xyz/v1'),
    inception: at('https://api.inceptionlabs.ai/v1'),
    inference_net: at('https://api.inference.net/v1'),
    lambda_ai: at('https://api.lambda.ai/v1'),
    lemonade: ownServer('http://localhost:8000/api/v1'),
    litellm_proxy: ownServer(null),
    llamafile: ownServer('http://127.0.0.1:8080/v1'),
    lm_studio: ownServer('http://localhost:1234/v1'),
    meta_llama: at('https://api.llama.com/compat/v1'),
    minimax: at('https://api.minimax.io/v1'),
    moonshot: at('https://api.moonshot.ai/v1'),
    morph: at('https://api.morphllm.com/v1'),
    'nano-gpt': at('https://nano-gpt.com/api/v1'),
    nebius: at('https://api.studio.nebius.ai/v1'),
    novita: at('https://api.novita.ai/v3/openai'),
    nscale: at('https://inference.api.nscale.com/v1'),
    nvidia_nim: at('https://integrate.api.nvidia.com/v1'),
    ollama: ownServer('http://localhost:11434/v1'),
    ollama_chat: ownServer('http://localhost:11434/v1'),
    oobabooga: ownServer(null),
    openai: at('https://api.openai.com/v1'),
    openai_like: ownServer(null),
    openrouter: at('https://openrouter.ai/api/v1'),
    ovhcloud: at('https://oai.endpoints.kepler.ai.cloud.ovh.net/v1'),
    perplexity: at('https://api.perplexity.ai'),
    poe: at('https://api.poe.com/v1'),
    publicai: at('https://api.publicai.co/v1'),
    sambanova: at('https://api.sambanova.ai/v1'),
    scaleway: at('https://api.scaleway.ai/v1'),
    synthetic: at('https://api.synthetic.new/openai/v1'),
    'text-completion-openai': at('https://api.openai.com/v1'),
    v0: at('https://api.v0.dev/v1'),
    veniceai: at('https://api.venice.ai/api/v1'),
    vercel_ai_gateway: at('https://ai-gateway.vercel.sh/v1'),
    vllm: ownServer(null),
    volcengine: at('https://ark.cn-beijing.volces.com/api/v3'),
    wandb: at('https://api.inference.wandb.ai/v1'),
    xai: at('https://api.x.ai/v1'),
    xiaomi_mimo: at('https://api.xiaomimimo.com/v1'),
    xinference: ownServer('http://127.0.0.1:9997/v1'),
    zai: at('https://api.z.ai/api/paas/v4'),
  }),
);

/** What LiteLLM reaches through another wire format, and the provider here that speaks it. */
export const NATIVE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    anthropic: 'anthropic',
    anthropic_text: 'anthropic',
    azure: 'azure',
    azure_ai: 'azure',
    azure_text: 'azure',
    bedrock: 'bedrock',
    bedrock_converse: 'bedrock',
    cohere: 'cohere',
    cohere_chat: 'cohere',
    gemini: 'gemini',
    palm: 'palm',
    vertex_ai: 'vertex_ai',
    vertex_ai_beta: 'vertex_ai',
  }),
);
