import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import { Secret } from '../../core/secret.ts';
import type { Action, JsonObject } from '../../core/types.ts';
import { providers } from './index.ts';

const MODELS = 'https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models';

function native(name: string) {
  const config = { vertex_project: 'p', vertex_access_token: new Secret('t'), vertex_anthropic_betas: new Set(['a']) };
  return providers[0]?.deploy({ name, config }).natives?.anthropic?.chat;
}

describe('Claude for clients of its own format', () => {
  test('has a place for answers, one for streams and one for counts', () => {
    expect(native('claude-opus-4')).toMatchObject({
      model: null,
      destination: { url: `${MODELS}/claude-opus-4:rawPredict` },
      streamDestination: { url: `${MODELS}/claude-opus-4:streamRawPredict` },
      countDestination: { url: `${MODELS}/count-tokens:rawPredict` },
      credentialHeaders: ['authorization'],
    });
    expect(native('gemini-2.5-pro')).toBeUndefined();
  });

  test('wants the version in the body, and the model only to count', () => {
    const edits = (body: JsonObject, action: Action) => {
      const given = { operation: 'chat', surface: 'standard', changes: new Changes(), action } as const;
      return [...(native('claude-opus-4')?.adjust?.(body, given) ?? [])];
    };
    expect(edits({ model: 'endpoint' }, 'generate')).toEqual([
      ['model', undefined],
      ['anthropic_version', 'vertex-2023-10-16'],
    ]);
    expect(edits({ model: 'endpoint', anthropic_version: 'v' }, 'count-tokens')).toEqual([['model', 'claude-opus-4']]);
  });

  test('gets the beta features that are allowed, with the token', async () => {
    const target = native('claude-opus-4');
    const clientHeader = () => 'a,b';
    const headers = target && (await target.authorize?.({ destination: target.destination, body: '', clientHeader }));
    expect(headers).toEqual([
      ['authorization', 'Bearer t'],
      ['anthropic-beta', 'a'],
    ]);
  });
});
