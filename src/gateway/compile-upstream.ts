import type { UpstreamSettings } from '../config/types.ts';
import type { Operation, WireFormat } from '../core/types.ts';
import { openaiWire } from '../providers/openai-wire/index.ts';
import type { Deployment, NativeTarget, OpenAITarget, TranslatedTarget } from '../providers/provider.ts';
import type { Transport } from '../upstream/port.ts';
import { Outlets } from './outlets.ts';
import { serverText } from './record-text.ts';
import { inlineRemoteDocuments, inlineRemoteMedia, refuseRemoteMedia } from './remote-media.ts';
import type { Missing, PassThrough, Substitute, Translation, Upstream, Upstreams } from './snapshot.ts';

const REQUEST_ID_HEADER = 'x-request-id';

const MISSING: Missing = { kind: 'missing' };

/** The headers that carry the credential of servers with OpenAI's API. */
const OPENAI_CREDENTIALS = ['authorization', 'api-key'];

interface Context {
  readonly operation: Operation;
  readonly settings: UpstreamSettings;
  readonly shared: Transport;
}

/**
 * Prepares what a provider says of an operation, so that a request finds everything ready: one upstream for each format
 * that clients speak. Where the provider has a target in the client's own format, bytes go through.
 */
export function compileUpstreams(
  { targets, natives }: Pick<Deployment, 'targets' | 'natives'>,
  operation: Operation,
  settings: UpstreamSettings,
  shared: Transport,
): Upstreams {
  const context: Context = { operation, settings, shared };
  const { openai, others } = compileTarget(targets[operation], context);
  const upstream = (format: Exclude<WireFormat, 'openai'>): Upstream => {
    const native = natives?.[format]?.[operation];
    return native ? compileNative(native, format, others, context) : others;
  };
  return {
    openai,
    responses: upstream('responses'),
    anthropic: upstream('anthropic'),
    gemini: upstream('gemini'),
  };
}

/** How clients of OpenAI's format are served, and how all others without a target of their own. */
function compileTarget(
  target: OpenAITarget | TranslatedTarget | undefined,
  context: Context,
): { readonly openai: Upstream; readonly others: Upstream } {
  if (target === undefined) return { openai: MISSING, others: MISSING };
  if (target.wire !== 'openai') {
    const upstream = compileTranslation(target, context);
    return { openai: upstream, others: upstream };
  }
  const { mend, mendChunk, streamsUsageUnasked = false } = target;
  const base = compileBase(target, OPENAI_CREDENTIALS, context);
  const openai: PassThrough = {
    ...base,
    ...inFormat('openai', target),
    mend,
    mendChunk,
    streamsUsageUnasked,
    forwardedHeaders: [],
    substitute: null,
  };
  // No other format completes texts.
  if (context.operation === 'completions') return { openai, others: MISSING };
  return {
    openai,
    others: {
      ...base,
      kind: 'translate',
      wire: openaiWire(target, context.operation),
      oneInput: false,
      inlineMedia: inlineRemoteDocuments(context.settings.remoteMedia),
      alternative: null,
    },
  };
}

function compileNative(target: NativeTarget, format: WireFormat, others: Upstream, context: Context): PassThrough {
  return {
    ...compileBase(target, target.credentialHeaders, context),
    ...inFormat(format, target),
    mend: undefined,
    mendChunk: undefined,
    streamsUsageUnasked: false,
    forwardedHeaders: target.forwardedHeaders ?? [],
    substitute: others.kind === 'translate' ? compileSubstitute(target, others) : null,
  };
}

function compileSubstitute({ serves, mayBeMissing }: NativeTarget, upstream: Translation): Substitute | null {
  if (serves === undefined && !mayBeMissing) return null;
  return { upstream, nativeServes: serves ?? (() => true), nativeApi: mayBeMissing ? 'unknown' : 'there' };
}

function inFormat(format: WireFormat, { model, adjust }: Pick<NativeTarget, 'model' | 'adjust'>) {
  return {
    kind: 'pass',
    format,
    prepend: model === null ? '' : `"model":${JSON.stringify(model)},`,
    replaceModel: new Map([['model', model === null ? null : JSON.stringify(model)]]),
    adjust,
  } as const;
}

function compileTranslation(target: TranslatedTarget, context: Context): Translation {
  const { wire, oneInput = false, inlineMedia = false, alternative } = target;
  const { remoteMedia } = context.settings;
  return {
    ...compileBase(target, [], context),
    kind: 'translate',
    wire,
    oneInput,
    inlineMedia: inlineMedia
      ? (request) => (remoteMedia ? inlineRemoteMedia(request) : refuseRemoteMedia(request))
      : null,
    alternative: alternative
      ? { serves: alternative.serves, upstream: compileTranslation(alternative.target, context) }
      : null,
  };
}

type AnyTarget = Omit<TranslatedTarget, 'wire' | 'alternative' | 'oneInput' | 'inlineMedia'>;

function compileBase(target: AnyTarget, credentialHeaders: readonly string[], { settings, shared }: Context) {
  const { destination, streamDestination, batchDestination, countDestination } = target;
  const outlets = new Outlets(target.transport ?? shared, settings, credentialHeaders);
  const whole = outlets.whole(destination);
  return {
    whole,
    streamed: outlets.streamed(streamDestination ?? destination),
    batch: batchDestination ? outlets.whole(batchDestination) : whole,
    count: countDestination ? outlets.whole(countDestination) : null,
    takesModelParameter: target.takesModelParameter ?? false,
    authorize: target.authorize,
    readError: target.readError,
    requestIdHeader: target.requestIdHeader ?? REQUEST_ID_HEADER,
    serverText: serverText(destination.url),
    preparationTimeout: settings.totalTimeout,
  };
}
