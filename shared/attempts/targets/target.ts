// What one ARM write acts on, as the attempt protocol sees it: what is there now, and how the write is sent.
import type { Warning } from '../../core/warning.ts';
import type { WriteAnswer } from '../../azure/writeAnswer.ts';
import type { Fault } from '../../core/errors.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import type { VaultSnapshot } from '../../siterecovery/vaultSnapshot.ts';

/** The walk that looks; only what it holds may be changed in its name. */
export interface LockOwner {
  readonly jobId: string;
  readonly epoch: number;
  /** With how many others it begins at this moment. */
  readonly wave?: number;
}

export interface ArmIds {
  readonly armIdBefore: string;
  readonly armIdAfter: string;
}

export type StartDecision =
  /** `log`: what is to be told of it before it is sent. */
  | (ArmIds & {
      readonly kind: 'start';
      readonly log?: string;
      readonly send: (clientRequestId: string, deadline: Date, attempt: number) => Promise<WriteAnswer>;
    })
  /** `remember` writes down what is seen of it; false when that could not be done now. */
  | (ArmIds & {
      readonly kind: 'alreadySo';
      readonly updateRegistry: () => Promise<boolean>;
      readonly replicationId?: string;
      /** In what it is not as asked. */ readonly warnings?: readonly Warning[];
    })
  /**
   * Somebody else's operation, which is to be followed; its job is not known when that has ended
   * and its effect goes on.
   */
  | (ArmIds & { readonly kind: 'follow'; readonly armJobId: string | null })
  | { readonly kind: 'wait'; readonly waitsFor: string }
  | { readonly kind: 'refused'; readonly fault: Fault };

export interface Target {
  /** `view`: what was seen of the vault just now, where many are looked at together. */
  readonly inspect: (
    step: WithEtag<StepDocument>,
    holder: LockOwner,
    now: Date,
    view?: VaultSnapshot,
  ) => Promise<StartDecision>;
  /** Site Recovery's answer to its write names a job. */
  readonly startsJob: boolean;
  /** Where no job proves a write: whether what it was to make stands there. */
  readonly exists?: (step: StepDocument, attempt: AttemptDocument) => Promise<boolean>;
}
