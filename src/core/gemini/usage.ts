import type { Usage } from '../neutral/usage.ts';
import { addUnit, type UsageDraft } from '../neutral/usage-extras.ts';
import { isJsonObject, type JsonObject } from '../types.ts';

/**
 * `usageMetadata` in buckets. `promptTokenCount` holds cached tokens, but not those of tool results that Google's own
 * tools fetched; `candidatesTokenCount` leaves thoughts out in the Gemini API and, for some models of Vertex AI, holds
 * them: the total tells. https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(metadata: JsonObject): Usage {
  const prompt = count(metadata.promptTokenCount);
  const cacheRead = Math.min(count(metadata.cachedContentTokenCount), prompt);
  const tools = count(metadata.toolUsePromptTokenCount);
  const candidates = count(metadata.candidatesTokenCount);
  const thoughts = count(metadata.thoughtsTokenCount);
  const sum = prompt + tools + candidates + thoughts;
  const total = typeof metadata.totalTokenCount === 'number' ? metadata.totalTokenCount : sum;
  const twice = countedTwice(sum - total, Math.min(thoughts, candidates), Math.min(tools, prompt));

  const uncached = prompt - cacheRead + tools - twice.tools;
  const inputAudio = Math.min(inputOf('AUDIO', metadata), uncached);
  const inputImage = Math.min(inputOf('IMAGE', metadata), uncached - inputAudio);
  // What the total holds and no field names is taken for output, the dearer of the two.
  const answer = candidates - twice.thoughts + Math.max(0, total - sum);
  const outputAudio = Math.min(modality(metadata.candidatesTokensDetails, 'AUDIO'), answer);
  const outputImage = Math.min(modality(metadata.candidatesTokensDetails, 'IMAGE'), answer - outputAudio);
  const usage: UsageDraft = {
    input: uncached - inputAudio - inputImage,
    cacheRead,
    cacheWrite: 0,
    cacheWriteLong: 0,
    inputAudio,
    inputImage,
    output: answer - outputAudio - outputImage,
    reasoning: thoughts,
    outputAudio,
    outputImage,
    native: metadata,
  };
  if (cacheRead > 0) addCached(usage, metadata);
  const { trafficType } = metadata;
  if (typeof trafficType === 'string' && trafficType !== 'ON_DEMAND') usage.serviceTier = trafficType.toLowerCase();
  return usage;
}

/** The same of a whole answer or chunk, with the searches that it was grounded on. */
export function readAnswerUsage({ usageMetadata, candidates }: JsonObject): Usage | null {
  if (!isJsonObject(usageMetadata)) return null;
  const usage: UsageDraft = readUsage(usageMetadata);
  for (const candidate of Array.isArray(candidates) ? candidates : []) {
    const grounding: unknown = isJsonObject(candidate) ? candidate.groundingMetadata : undefined;
    if (!isJsonObject(grounding) || !Array.isArray(grounding.webSearchQueries)) continue;
    addUnit(usage, 'web_search', grounding.webSearchQueries.length);
  }
  return usage;
}

/** Which of the cached tokens were audio and images. */
function addCached(usage: UsageDraft, { cacheTokensDetails }: JsonObject): void {
  const audio = Math.min(modality(cacheTokensDetails, 'AUDIO'), usage.cacheRead);
  const image = Math.min(modality(cacheTokensDetails, 'IMAGE'), usage.cacheRead - audio);
  if (audio > 0) usage.cacheReadAudio = audio;
  if (image > 0) usage.cacheReadImage = image;
}

/** Which of the counts that may lie within another one account for the excess of the sum over the total. */
function countedTwice(excess: number, thoughts: number, tools: number): { thoughts: number; tools: number } {
  if (excess <= 0) return { thoughts: 0, tools: 0 };
  if (excess === tools && excess !== thoughts) return { thoughts: 0, tools };
  const ofThoughts = Math.min(excess, thoughts);
  return { thoughts: ofThoughts, tools: Math.min(excess - ofThoughts, tools) };
}

function inputOf(kind: string, metadata: JsonObject): number {
  const { promptTokensDetails, toolUsePromptTokensDetails, cacheTokensDetails } = metadata;
  if (promptTokensDetails === undefined && toolUsePromptTokensDetails === undefined) return 0;
  const sent = modality(promptTokensDetails, kind) + modality(toolUsePromptTokensDetails, kind);
  return Math.max(0, sent - modality(cacheTokensDetails, kind));
}

function modality(details: unknown, kind: string): number {
  if (!Array.isArray(details)) return 0;
  let tokens = 0;
  for (const detail of details)
    if (isJsonObject(detail) && detail.modality === kind) tokens += count(detail.tokenCount);
  return tokens;
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
