import type { GatewayError } from '../../core/errors.ts';
import type { Authorizer, RelayTarget } from '../provider.ts';
import type { Access } from './index.ts';

/** Of a request that a client has signed itself. */
const OF_A_SIGNATURE = ['x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-amz-trailer'];

/** Proxies in front of the gateway have headers of similar names. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html */
const OF_BEDROCK = [
  'x-amzn-bedrock-accept',
  'x-amzn-bedrock-content-type',
  'x-amzn-bedrock-guardrailidentifier',
  'x-amzn-bedrock-guardrailversion',
  'x-amzn-bedrock-performanceconfig-latency',
  'x-amzn-bedrock-service-tier',
  'x-amzn-bedrock-trace',
];

/** All of the runtime's API: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html */
export function bedrockRelay({ base, headers, authorize }: Access, problem: GatewayError | null): RelayTarget {
  const refuse = (): never => {
    throw problem;
  };
  return {
    families: {},
    root: base,
    ...(problem && { rawUrl: refuse }),
    headers: headers.filter(([name]) => name !== 'content-type'),
    requestIdHeader: 'x-amzn-requestid',
    withheldHeaders: OF_A_SIGNATURE,
    forwardedHeaders: OF_BEDROCK,
    ...(authorize && { authorize: signingAlone(authorize), signsBody: true }),
  };
}

/** Signs what AWS asks to be signed, and not what a client says beside it, which may be there twice. */
function signingAlone(authorize: Authorizer): Authorizer {
  return (request) => {
    const { method, url, headers } = request.destination;
    const signed = headers.filter(([name]) => name.toLowerCase() === 'content-type' || /^x-amzn?-/i.test(name));
    return authorize({ ...request, destination: { method, url, headers: signed } });
  };
}
