import type { UpstreamSettings } from '../config/types.ts';
import type { OpenAITarget, Target, TranslatedTarget } from '../providers/provider.ts';
import type { Destination, Timeouts, Transport } from '../upstream/port.ts';
import { inlineRemoteMedia, refuseRemoteMedia } from './remote-media.ts';
import type { Outlet, PassThrough, Translation } from './snapshot.ts';

const REQUEST_ID_HEADER = 'x-request-id';

/** Prepares what a provider says of its target, so that a request finds everything ready. */
export function compileUpstream(
  target: Target,
  settings: UpstreamSettings,
  shared: Transport,
): PassThrough | Translation {
  const outlets = new Outlets(target.transport ?? shared, settings);
  return target.wire === 'openai' ? passThrough(target, settings, outlets) : translation(target, settings, outlets);
}

function passThrough(target: OpenAITarget, settings: UpstreamSettings, outlets: Outlets): PassThrough {
  const { model, adjust, mend, mendChunk, streamsUsageUnasked = false } = target;
  return {
    kind: 'pass',
    ...common(target, settings, outlets),
    prepend: model === null ? '' : `"model":${JSON.stringify(model)},`,
    replaceModel: new Map([['model', model === null ? null : JSON.stringify(model)]]),
    adjust,
    mend,
    mendChunk,
    streamsUsageUnasked,
  };
}

function translation(target: TranslatedTarget, settings: UpstreamSettings, outlets: Outlets): Translation {
  const { wire, streamDestination, batchDestination, oneInput = false, inlineMedia = false, alternative } = target;
  const base = common(target, settings, outlets);
  return {
    kind: 'translate',
    ...base,
    ...(streamDestination && { streamed: outlets.streamed(streamDestination) }),
    wire,
    batch: batchDestination ? outlets.whole(batchDestination) : base.whole,
    oneInput,
    inlineMedia: inlineMedia ? (settings.remoteMedia ? inlineRemoteMedia : refuseRemoteMedia) : null,
    alternative: alternative
      ? { serves: alternative.serves, upstream: translation(alternative.target, settings, outlets) }
      : null,
  };
}

function common(target: Target, settings: UpstreamSettings, outlets: Outlets) {
  const { destination, takesModelParameter = false, authorize, readError, requestIdHeader } = target;
  return {
    whole: outlets.whole(destination),
    streamed: outlets.streamed(destination),
    takesModelParameter,
    authorize,
    readError,
    requestIdHeader: requestIdHeader ?? REQUEST_ID_HEADER,
    preparationTimeout: settings.totalTimeout,
  };
}

class Outlets {
  readonly #transport: Transport;
  readonly #timeouts: Timeouts;
  readonly #streamTotal: number;

  constructor(transport: Transport, settings: UpstreamSettings) {
    this.#transport = transport;
    this.#timeouts = {
      connect: settings.connectTimeout,
      firstByte: settings.firstByteTimeout,
      idle: settings.idleTimeout,
      total: settings.totalTimeout,
    };
    this.#streamTotal = settings.streamTotalTimeout;
  }

  whole(destination: Destination): Outlet {
    return { destination, request: this.#transport.prepare(destination, this.#timeouts) };
  }

  streamed(destination: Destination): Outlet {
    const timeouts = { ...this.#timeouts, total: this.#streamTotal };
    return { destination, request: this.#transport.prepare(destination, timeouts) };
  }
}
