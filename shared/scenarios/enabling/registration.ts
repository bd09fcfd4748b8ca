// The interface of the registration of servers on premises with a vault. A server registers itself,
// with a key that a person brings to it.
import type { Fabric } from '@azure/arm-recoveryservices-siterecovery';

/** The registration in one scenario. */
export interface RegistrationSupport {
  /** True for a fabric that a key can open. Null: a key opens the whole vault. */
  readonly isSite: ((fabric: Fabric) => boolean) | null;
  /** The steps of a person on each server, in order. */
  readonly stepsWith: (key: KeyToInstall) => readonly string[];
}

/** The facts of a key that its instructions name. */
export interface KeyToInstall {
  readonly fileName: string;
  /** ISO time. */
  readonly validUntil: string;
  readonly vaultId: string;
  readonly vaultName: string;
  /** The name of the site; null when the key opens the whole vault. */
  readonly site: string | null;
}
