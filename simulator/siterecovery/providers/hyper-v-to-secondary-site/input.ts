// Parses the bodies of the operations on machines of VMM clouds.

import * as z from 'zod';

import type { BodyResult } from '../../provider.ts';
import type { CloudInput } from './details.ts';

const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));

/** Clients name this provider, or the base type of the input. */
const instanceType = z
  .string()
  .regex(
    /^(HyperVReplica2012(R2)?|[A-Za-z]*ProviderSpecific[A-Za-z]*Input)$/,
    'expected a type of VMM clouds',
  );
const own = z.object({ instanceType }).nullish();
const direction = z.enum(['PrimaryToRecovery', 'RecoveryToPrimary']).nullish();

const enable = z
  .object({
    properties: z.object({
      policyId: z.string().min(1),
      protectableItemId: z.string().min(1),
      providerSpecificDetails: own,
    }),
  })
  .transform(({ properties: { policyId, protectableItemId } }): CloudInput => ({
    policyId,
    protectableItemId,
  }));

const unplannedFailover = z
  .object({
    properties: z.object({
      failoverDirection: direction,
      sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
      providerSpecificDetails: z.object({ instanceType, recoveryPointId: optionalText }).nullish(),
    }),
  })
  .transform(({ properties }): CloudInput => ({
    shutsDownSource: properties.sourceSiteOperations === 'Required',
    recoveryPointId: properties.providerSpecificDetails?.recoveryPointId,
  }));

const plannedFailover = z
  .object({ properties: z.object({ failoverDirection: direction, providerSpecificDetails: own }) })
  .transform((): CloudInput => ({ shutsDownSource: true }));

const networkTypes = z.enum(['NoNetworkAttachAsInput', 'VmNetworkAsInput', 'LogicalNetworkAsInput']);
const testFailover = z
  .object({
    properties: z.object({
      failoverDirection: direction,
      networkType: networkTypes.nullish(),
      networkId: optionalText,
      providerSpecificDetails: z.object({ instanceType, recoveryPointId: optionalText }).nullish(),
    }),
  })
  .transform(({ properties: { networkType, networkId, providerSpecificDetails } }): CloudInput => ({
    networkType: networkType ?? 'NoNetworkAttachAsInput',
    networkId,
    recoveryPointId: providerSpecificDetails?.recoveryPointId,
  }));

const testFailoverCleanup = z
  .object({ properties: z.object({ comments: optionalText }) })
  .transform(({ properties: { comments } }): CloudInput => ({ comments }));

const applyRecoveryPoint = z
  .object({ properties: z.object({ recoveryPointId: z.string().min(1), providerSpecificDetails: own }) })
  .transform(({ properties: { recoveryPointId } }): CloudInput => ({ recoveryPointId }));

const reProtect = z
  .object({ properties: z.object({ failoverDirection: direction, providerSpecificDetails: own }) })
  .transform((): CloudInput => ({}));

const READERS: Readonly<Record<string, z.ZodType<CloudInput>>> = {
  enable,
  unplannedFailover,
  plannedFailover,
  testFailover,
  testFailoverCleanup,
  applyRecoveryPoint,
  reProtect,
};

const planFailover = z
  .object({
    properties: z.object({
      failoverDirection: direction,
      sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
      networkType: networkTypes.nullish(),
      networkId: optionalText,
    }),
  })
  .transform(({ properties: { sourceSiteOperations, networkType, networkId } }): CloudInput => ({
    shutsDownSource: sourceSiteOperations === 'Required',
    networkType: networkType ?? 'NoNetworkAttachAsInput',
    networkId,
  }));

const firstProblem = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue
    ? `The value of '${issue.path.join('.')}' is not valid: ${issue.message}`
    : 'The request body is not valid.';
};

function readWith(reader: z.ZodType<CloudInput> | undefined, body: unknown): BodyResult<CloudInput> {
  if (!reader) return { input: {} };
  const found = reader.safeParse(body);
  return found.success ? { input: found.data } : { problem: firstProblem(found.error) };
}

export const readBody = (operation: string, body: unknown): BodyResult<CloudInput> =>
  readWith(READERS[operation], body);

const PLAN_FAILOVERS = ['plannedFailover', 'unplannedFailover', 'testFailover'];
export const readPlanBody = (operation: string, body: unknown): BodyResult<CloudInput> => {
  const read = readWith(PLAN_FAILOVERS.includes(operation) ? planFailover : undefined, body);
  return 'input' in read && operation === 'plannedFailover'
    ? { input: { ...read.input, shutsDownSource: true } }
    : read;
};
