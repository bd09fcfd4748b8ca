// The errors and warnings of jobs. A code in decimal digits is the service's own.

import type { JobError } from './records.ts';

export const ANOTHER_OPERATION_CODE = '532';

/** The real service returned 532 for a busy item. */
export const anotherOperationRuns = (): JobError => ({
  code: ANOTHER_OPERATION_CODE,
  message: "The operation couldn't be completed.",
  possibleCauses: 'Another operation is in progress on the item.',
  recommendedAction: 'Wait until the running operation has ended, then try again.',
});

/**
 * 539 is the service's general code for "the provider could not do it". Nobody has seen the
 * service's exact code for each of these cases.
 */
export const providerRefuses = (
  instanceType: string,
  possibleCauses: string,
  recommendedAction: string,
): JobError => ({
  code: '539',
  message: `The requested action couldn't be performed by the '${instanceType}' replication provider.`,
  possibleCauses,
  recommendedAction,
});

export const alreadyProtected = (): JobError => ({
  code: '45031',
  message: 'Protection has already been enabled for the virtual machine.',
  possibleCauses: 'The replicated item exists and replication is on.',
  recommendedAction: 'No action is needed.',
});

export const policyOutOfBounds = (possibleCauses: string): JobError => ({
  code: '150261',
  message: 'Replication policy creation failed.',
  possibleCauses,
  recommendedAction: 'Give values within the limits, then try again.',
});

/**
 * A record in use cannot be removed. The code is not the service's own: nobody has seen that one.
 */
export const stillInUse = (what: string, by: string): JobError => ({
  code: '150160',
  message: `${what} is in use.`,
  possibleCauses: `It is used by ${by}.`,
  recommendedAction: 'Remove the resources that use it first.',
});

export const cancelled = (): JobError => ({
  code: '520',
  message: 'The operation was cancelled.',
  possibleCauses: 'A user cancelled the job.',
  recommendedAction: 'Start the operation again if you need it.',
});

export const partOfPlanFailed = (names: readonly string[]): JobError => ({
  code: '25014',
  message: 'Some virtual machines of the recovery plan are not ready or could not take part.',
  possibleCauses: `This concerns ${names.join(', ')}.`,
  recommendedAction: 'Look at the jobs of these virtual machines, remove what they name, then try again.',
});

/** Microsoft's page on network connectivity of Azure machines names both codes and their causes. */
export const noConnectionTo = (endpoints: 'signIn' | 'service'): JobError =>
  endpoints === 'signIn'
    ? {
        code: '151196',
        message: 'Site Recovery configuration failed.',
        possibleCauses:
          "A connection can't be established to Microsoft 365 authentication and identity IP4 endpoints.",
        recommendedAction:
          'Allow outbound HTTPS to the service tag AzureActiveDirectory in the network security groups ' +
          'of the virtual machine, then enable replication again.',
      }
    : {
        code: '151197',
        message: 'Site Recovery configuration failed.',
        possibleCauses: "A connection can't be established to Azure Site Recovery service endpoints.",
        recommendedAction:
          'Allow outbound HTTPS to the service tag AzureSiteRecovery in the network security groups ' +
          'of the virtual machine, then enable replication again.',
      };

export const regionUnreachable = (region: string): JobError => ({
  code: '78028',
  message: `The region '${region}' could not be reached.`,
  possibleCauses: 'The region has an outage.',
  recommendedAction: 'Wait until the region is back, then try again.',
});

/** The code is not the service's own: nobody has seen that one. */
export const serverUnreachable = (server: string): JobError => ({
  code: '78029',
  message: `The server '${server}' could not be reached.`,
  possibleCauses: 'The server does not run, or it has no connection to Azure.',
  recommendedAction: 'Start the server and check its connection, then try again.',
});

export const quotaExceeded = (name: string, region: string, limit: number): JobError => ({
  code: '150097',
  message: 'The virtual machine could not be created: the operation would exceed the approved quota.',
  possibleCauses: `The subscription may use ${limit} cores of '${name}' in '${region}', and they are in use.`,
  recommendedAction: 'Ask for a higher quota, or free cores, then try again.',
});

export const notEnoughAddresses = (network: string): JobError => ({
  code: '161018',
  message: 'There are not enough IP addresses for the virtual machine.',
  possibleCauses: `A subnet of the network '${network}' has no free address left.`,
  recommendedAction: 'Free addresses of the subnet, or select another subnet, then try again.',
});

/** Azure's own code for a machine that does not fit into its placement group. */
export const OVERCONSTRAINED_CODE = 'OverconstrainedAllocationRequest';
export const overconstrainedAllocation = (what: string): JobError => ({
  code: OVERCONSTRAINED_CODE,
  message: 'Allocation failed. The VM could not be placed with the constraints that were requested.',
  possibleCauses: `There is no capacity in ${what}.`,
  recommendedAction:
    'The virtual machine was created without this constraint. To bring it in, deallocate it, ' +
    'resize it or the group, and place it again.',
});

export const requestedError = (code: string, message: string | undefined): JobError =>
  code === ANOTHER_OPERATION_CODE && message === undefined
    ? anotherOperationRuns()
    : {
        code,
        message: message ?? "The operation couldn't be completed.",
        possibleCauses: 'A fault rule of the simulator caused this error.',
        recommendedAction: 'Remove the fault rule, then try again.',
      };
