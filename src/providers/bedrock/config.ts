import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';

const ACCESS_KEYS = 'aws_access_key_id and aws_secret_access_key belong together: one of them is missing';

const awsConfig = z
  .object({
    aws_bearer_token: apiKey()
      .optional()
      .describe('An Amazon Bedrock API key. It comes first where several are given.'),
    aws_role_arn: expandable().optional().describe('A role to take, with the access keys below or the default ones.'),
    session_length_seconds: z
      .int()
      .min(900)
      .max(43_200)
      .default(900)
      .describe('How long the credentials of the role live.'),
    aws_access_key_id: apiKey().optional().describe('Signs each request, with the secret access key.'),
    aws_secret_access_key: apiKey().optional().describe('Belongs to the access key ID.'),
    aws_session_token: apiKey().optional().describe('Belongs to temporary access keys.'),
    aws_region: expandable().optional().describe('Default: AWS_REGION, AWS_DEFAULT_REGION, or the profile’s region.'),
    aws_endpoint_url: expandable()
      .optional()
      .describe('Default: AWS_ENDPOINT_URL_BEDROCK_RUNTIME, or the region’s endpoint.'),
  })
  .superRefine((config, context) => {
    if ((config.aws_access_key_id === undefined) !== (config.aws_secret_access_key === undefined)) {
      context.addIssue({ code: 'custom', message: ACCESS_KEYS });
    }
  });

export const schema = z.object({
  aws_config: awsConfig.describe('How to authenticate; `{}` means the default credentials of AWS’s own tools.'),
});

export type Config = z.output<typeof schema>;
