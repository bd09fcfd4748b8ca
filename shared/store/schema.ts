// The schema version of stored documents, and their migrations. Every read migrates an older
// document to the current shape.
import { transient } from '../core/errors.ts';
import { ANSWERS_IN_13 } from './answersIn13.ts';
import { NICS_IN_14 } from './nicsIn14.ts';
import { PREREQUISITES_IN_12 } from './prerequisitesIn12.ts';
import { RENAMED_IN_10 } from './renamedIn10.ts';
import { VM_LISTS_IN_11 } from './vmListsIn11.ts';
import { YIELDS_IN_15 } from './yieldsIn15.ts';

/** The version of all document types. Raise it with every change of a stored shape. */
export const SCHEMA_VERSION = 15;

type DocumentShape = Readonly<Record<string, unknown>>;

/**
 * The migrations from each version to the next, for the types with a new shape. A migration is
 * pure: the same document always gives the same result.
 */
export type Migrations = Readonly<
  Record<number, Readonly<Record<string, (older: DocumentShape) => DocumentShape>>>
>;

/** Each change of a stored shape adds a migration here, under the old version. */
export const MIGRATIONS: Migrations = {
  // Since version 2 a job counts its exceptions, because it lists only a limited number.
  1: { job: (job) => ({ exceptionCount: (job['exceptions'] as readonly unknown[]).length, ...job }) },
  // Since version 3 a callback names its keys and does not contain them. A relay knows the time of
  // its next check.
  2: {
    callback: (callback) => ({
      ...callback,
      keys: (callback['keys'] as readonly { readonly id: string }[]).map(({ id }) => id),
    }),
    relay: (relay) => ({ quietUntil: '', ...relay }),
  },
  // Since version 4 a step acts on a target, and the target need not be a replicated VM.
  3: {
    job: (job) => ({
      retried: null,
      ...job,
      exceptions: (job['exceptions'] as readonly DocumentShape[]).map(withTargetFields),
    }),
    step: (step) => ({
      work: { kind: 'replicatedVm', change: null, cacheStorageAccountId: null },
      needs: [],
      recoveryPoint: null,
      replicationId: null,
      ...withTargetFields(step),
    }),
    log: (log) => withTargetFields(log),
    lock: (lock) => withTargetFields(lock),
    replicatedVm: (vm) => ({ sourceVmId: '', settings: null, missingSince: null, ...vm }),
  },
  // Since version 5 a plan has the form that a person writes, and lists lost parts as warnings.
  // Before, all plans came from Site Recovery, and Lifeboat soon reads those again.
  4: { plan: (plan) => ({ ...plan, ...rewritePlan(plan['plan'] as DocumentShape) }) },
  // Since version 6 a job records whether its step list is complete. Before, a job that had begun
  // counted as complete.
  5: { job: (job) => ({ laidOut: job['state'] !== 'accepted', ...job }) },
  // Since version 7 jobs may run plans, and people save callbacks. Some callbacks are for people.
  6: {
    callback: (callback) => ({
      version: 1,
      tells: 'events',
      level: 1,
      savedBy: null,
      savedAt: null,
      ...callback,
    }),
    // An older summary has no targets and no plan. A search finds the job by every other property.
    jobSummary: (summary) => ({ targets: [], plan: null, ...summary }),
    job: (job) => ({
      plan: null,
      vmCount: (job['command'] as { readonly vms: readonly unknown[] }).vms.length,
      needs: [],
      asked: 0,
      measures: null,
      ...job,
    }),
    control: (control) => ({ yieldTo: null, ...control }),
    step: (step) => ({
      node: null,
      always: false,
      tries: 0,
      output: null,
      ...step,
      work: withRecoveryPointFields(step['work'] as DocumentShape),
    }),
  },
  // Since version 8 an alert belongs to its sender and has lives. VM settings list network
  // interfaces, each with its subnet. Every warning has a code, and a job lists the warnings that
  // it ignored.
  7: {
    alert: (alert) => ({ sender: senderOf(alert), life: 1, lives: 1, ...alert }),
    step: (step) => ({ ...step, work: withPreviewNics(step['work'] as DocumentShape) }),
    job: (job) => ({ warnings: [], warningCount: 0, ...job }),
    plan: withWarningCodes,
    planVersion: withWarningCodes,
    preview: (document) => ({
      ...document,
      preview: withPreviewWarningCodes(document['preview'] as DocumentShape),
    }),
    vmPreview: (document) =>
      withPreviewNics({
        ...document,
        preview: { summary: '', ...withPreviewWarningCodes(document['preview'] as DocumentShape) },
      }),
  },
  // Since version 9 a warning of a step has a code of its own, and its exception has the same code.
  8: {
    step: (step) => ({ ...step, warnings: (step['warnings'] as readonly string[]).map(splitWarningCode) }),
    job: (job) => ({
      ...job,
      exceptions: (job['exceptions'] as readonly DocumentShape[]).map((exception) =>
        exception['code'] === 'Warning'
          ? { ...exception, ...splitWarningCode(String(exception['message'])) }
          : exception,
      ),
    }),
  },
  // Since version 10 fields of commands, answers, votes, callbacks and events have plainer names.
  9: RENAMED_IN_10,
  // Since version 11 every command lists its VMs by their ids.
  10: VM_LISTS_IN_11,
  // Since version 12 prerequisites, multi-VM groups and native plans have one name each.
  11: PREREQUISITES_IN_12,
  // Since version 13 all answers have one form, also in events.
  12: ANSWERS_IN_13,
  // Since version 14 a change of settings names network interfaces by name or id.
  13: NICS_IN_14,
  // Since version 15 a drill hands over single VMs.
  14: YIELDS_IN_15,
};

/** Before version 9 a warning was one text, with an optional code at its beginning. */
function splitWarningCode(text: string): { readonly code: string; readonly message: string } {
  const [, code = 'Warning', message = text] = /^([A-Za-z]\w*|\d+): ([^]*)$/.exec(text) ?? [];
  return { code, message };
}

/**
 * A sender with a signature has the id `key:<id>`. A sender with a token has the id of its
 * principal.
 */
const senderOf = ({ by }: DocumentShape): string => {
  const { id } = by as { readonly id: string };
  return id.startsWith('key:') ? id : `caller:${id}`;
};

/**
 * Older settings have one subnet: the subnet of the primary network interface. Site Recovery finds
 * that interface itself.
 */
function withPreviewNics(document: DocumentShape): DocumentShape {
  const preview = document['preview'] as DocumentShape | undefined;
  const settings = preview?.['settings'] as DocumentShape | null | undefined;
  if (!preview || !settings || !('subnet' in settings)) return document;
  const { subnet, ...rest } = settings;
  const nics = [{ id: '', name: '', primary: true, sourceSubnet: '', subnet, address: null }];
  return { ...document, preview: { ...preview, settings: { ...rest, nics } } };
}

/** Older versions stored only the text of a warning. */
function withWarningCodes(plan: DocumentShape): DocumentShape {
  return {
    ...plan,
    warnings: (plan['warnings'] as readonly string[]).map((message) => ({
      code: 'Warning',
      severity: 'warning',
      path: null,
      message,
    })),
  };
}

function withPreviewWarningCodes(preview: DocumentShape): DocumentShape {
  return {
    ...preview,
    warnings: (preview['warnings'] as readonly string[]).map((message) => ({ code: 'Warning', message })),
  };
}

/** Adds the fields for recovery points to work on a VM or a group. */
const withRecoveryPointFields = (work: DocumentShape): DocumentShape =>
  work['kind'] === 'replicatedVm' || work['kind'] === 'group'
    ? { points: null, networkId: null, ...work }
    : work;

const READ_AGAIN_WARNING =
  'Its actions are shown once it has been read from Site Recovery again, within ten minutes.';

function rewritePlan({ name, runs, warnings }: DocumentShape): DocumentShape {
  const groups = (list: readonly DocumentShape[]): DocumentShape[] =>
    list.map((group) => ({
      ...group,
      before: [],
      after: [],
      perVm: {},
      together: false,
      rule: { critical: true },
    }));
  const { failover, testFailover } = runs as Record<'failover' | 'testFailover', readonly DocumentShape[]>;
  return {
    plan: {
      name,
      description: '',
      runs: { failover: groups(failover), testFailover: groups(testFailover) },
      targets: {},
      commitWindow: { kind: 'wait' },
      drill: { checks: [], cleanUpAfterMinutes: 60 },
    },
    warnings: [...(warnings as readonly string[]), READ_AGAIN_WARNING],
  };
}

function withTargetFields({ vmId, vmName, ...rest }: DocumentShape): DocumentShape {
  return {
    ...rest,
    ...(vmId === undefined ? {} : { targetId: vmId }),
    ...(vmName === undefined ? {} : { targetName: vmName }),
  };
}

/**
 * Converts a document to the current shape. The store keeps the old shape until the next change: a
 * read writes nothing.
 */
export function migrate(
  document: object,
  migrations: Migrations = MIGRATIONS,
  currentVersion = SCHEMA_VERSION,
): object {
  let shape = document as DocumentShape;
  // A document without a version has version 0.
  const writtenVersion = typeof shape['schema'] === 'number' ? shape['schema'] : 0;
  if (writtenVersion > currentVersion) throw documentTooNew(shape, writtenVersion, currentVersion);
  for (let version = writtenVersion; version < currentVersion; version++) {
    const step = migrations[version]?.[String(shape['type'])];
    shape = { ...(step ? step(shape) : shape), schema: version + 1 };
  }
  return shape;
}

const documentTooNew = (shape: DocumentShape, writtenVersion: number, currentVersion: number): Error =>
  transient(
    'DocumentTooNew',
    `The document ${String(shape['id'])} (${String(shape['type'])}) was written in version ` +
      `${writtenVersion} of the schema by a newer Lifeboat; this one knows version ${currentVersion}. ` +
      'Nothing was changed. Finish the deployment of the newer Lifeboat.',
  );
