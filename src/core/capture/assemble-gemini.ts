import { isJsonObject, type JsonObject } from '../types.ts';

/** https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
export function assembleGemini(chunks: readonly JsonObject[]): JsonObject | null {
  const answer: JsonObject = {};
  const candidates: JsonObject[] = [];
  for (const { candidates: pieces, error: _, ...rest } of chunks) {
    Object.assign(answer, rest);
    for (const piece of Array.isArray(pieces) ? pieces.filter(isJsonObject) : []) {
      const { content, ...others } = piece;
      const position = Number(piece.index ?? 0);
      const candidate = candidates[position] ?? {};
      candidates[position] = candidate;
      Object.assign(candidate, others);
      if (isJsonObject(content)) addContent(candidate, content);
    }
  }
  return { candidates: candidates.filter(Boolean), ...answer };
}

function addContent(candidate: JsonObject, content: JsonObject): void {
  const known = isJsonObject(candidate.content) ? candidate.content : { parts: [] };
  const parts = Array.isArray(known.parts) ? known.parts : [];
  for (const part of Array.isArray(content.parts) ? content.parts.filter(isJsonObject) : []) {
    const last: unknown = parts.at(-1);
    if (isJsonObject(last) && continues(last, part)) last.text = `${last.text}${part.text}`;
    else parts.push({ ...part });
  }
  candidate.content = { ...known, ...content, parts };
}

/** Texts of the same kind are one text. */
function continues(last: JsonObject, part: JsonObject): boolean {
  const isText = ({ text, thoughtSignature }: JsonObject) => typeof text === 'string' && thoughtSignature === undefined;
  return isText(last) && isText(part) && last.thought === part.thought;
}
