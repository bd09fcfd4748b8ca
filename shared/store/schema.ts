// The version of the documents' shapes, and how what an older version wrote becomes what this one reads.
import { transient } from '../core/errors.ts';
import { RENAMED_IN_10 } from './renamedIn10.ts';

/** One number for all types: raised whenever the shape of any of them changes. */
export const SCHEMA_VERSION = 10;

type DocumentShape = Readonly<Record<string, unknown>>;

/**
 * From this version to the next, for the types whose shape changed there. Pure: the same document
 * always becomes the same.
 */
export type Migrations = Readonly<
  Record<number, Readonly<Record<string, (older: DocumentShape) => DocumentShape>>>
>;

/** A change of a type's shape adds its step here, under the version that it starts from. */
export const MIGRATIONS: Migrations = {
  // From 2 on a job counts its exceptions, since it lists only so many of them.
  1: { job: (job) => ({ exceptionCount: (job['exceptions'] as readonly unknown[]).length, ...job }) },
  // From 3 on a call-back address names its keys and does not hold them, and a relay knows when it
  // is to be looked at again.
  2: {
    callback: (callback) => ({
      ...callback,
      keys: (callback['keys'] as readonly { readonly id: string }[]).map(({ id }) => id),
    }),
    relay: (relay) => ({ quietUntil: '', ...relay }),
  },
  // From 4 on a step acts on a target, which need not be a replicated VM.
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
  // From 5 on a plan is as a person would write it, and what was lost on the way stands beside it.
  // Until then all plans came from Site Recovery, where they are read again soon.
  4: { plan: (plan) => ({ ...plan, ...rewritePlan(plan['plan'] as DocumentShape) }) },
  // From 6 on a job says whether its steps are complete. Until then one that had begun was taken to
  // have laid them out.
  5: { job: (job) => ({ laidOut: job['state'] !== 'accepted', ...job }) },
  // From 7 on jobs may run plans, and a call-back address is saved by people, some of them for people.
  6: {
    callback: (callback) => ({
      version: 1,
      tells: 'events',
      level: 1,
      savedBy: null,
      savedAt: null,
      ...callback,
    }),
    // What an older one names is not known here: it is found by everything but its VMs.
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
  // From 8 on an alert is its sender's, and has lives; what was decided for a VM has its
  // interfaces, each with its subnet; every warning has a code, and a job tells those that it went
  // ahead with.
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
  // From 9 on a warning of a step has a code of its own, and so has the exception that tells of it.
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
  // From 10 on fields of commands, answers, votes, call-back addresses and events have plainer names.
  9: RENAMED_IN_10,
};

/** Until version 9 a warning was one text, which began with its code where it had one. */
function splitWarningCode(text: string): { readonly code: string; readonly message: string } {
  const [, code = 'Warning', message = text] = /^([A-Za-z]\w*|\d+): ([^]*)$/.exec(text) ?? [];
  return { code, message };
}

/** Who signed is named `key:<id>`; who came with a token, by the id of the principal. */
const senderOf = ({ by }: DocumentShape): string => {
  const { id } = by as { readonly id: string };
  return id.startsWith('key:') ? id : `caller:${id}`;
};

/** Until then the one subnet was that of the primary interface, which Site Recovery knows by itself. */
function withPreviewNics(document: DocumentShape): DocumentShape {
  const preview = document['preview'] as DocumentShape | undefined;
  const settings = preview?.['settings'] as DocumentShape | null | undefined;
  if (!preview || !settings || !('subnet' in settings)) return document;
  const { subnet, ...rest } = settings;
  const nics = [{ id: '', name: '', primary: true, sourceSubnet: '', subnet, address: null }];
  return { ...document, preview: { ...preview, settings: { ...rest, nics } } };
}

/** What older versions knew of a warning is its text. */
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

/** Whoever has a kind of target with recovery points. */
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
 * A document as this version knows it. It is stored so when it is next changed; a reader alone
 * writes nothing.
 */
export function migrate(
  document: object,
  migrations: Migrations = MIGRATIONS,
  currentVersion = SCHEMA_VERSION,
): object {
  let shape = document as DocumentShape;
  // What was written before documents told their version is of version 0.
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
      `${writtenVersion} of the schema by a newer Lifeboat; this one knows version ${currentVersion}. It was ` +
      'not touched. Finish the deployment of the newer one.',
  );
