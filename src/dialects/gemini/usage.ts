import { completionTokens, promptTokens, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';

/** `usageMetadata`: Google's own where it is. https://ai.google.dev/api/generate-content#UsageMetadata */
export function encodeUsage(usage: Usage): JsonObject {
  const { native } = usage;
  if (native && (typeof native.promptTokenCount === 'number' || typeof native.totalTokenCount === 'number')) {
    return native;
  }
  const prompt = promptTokens(usage);
  const completion = completionTokens(usage);
  return {
    promptTokenCount: prompt,
    // Thoughts are counted beside the candidates here.
    candidatesTokenCount: completion - usage.reasoning,
    totalTokenCount: prompt + completion,
    ...(usage.cacheRead > 0 && { cachedContentTokenCount: usage.cacheRead }),
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    ...details('promptTokensDetails', prompt, usage.inputImage, usage.inputAudio),
    ...details('candidatesTokensDetails', completion - usage.reasoning, usage.outputImage, usage.outputAudio),
  };
}

/** Only where there is more than text. */
function details(field: string, all: number, image: number, audio: number): JsonObject {
  if (image === 0 && audio === 0) return {};
  const counts = [
    { modality: 'TEXT', tokenCount: all - image - audio },
    { modality: 'IMAGE', tokenCount: image },
    { modality: 'AUDIO', tokenCount: audio },
  ];
  return { [field]: counts.filter(({ tokenCount }) => tokenCount > 0) };
}
