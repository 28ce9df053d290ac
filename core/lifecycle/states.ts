/**
 * The names of all lifecycle states, by surface. Types only: the machines beside this file say
 * which moves between them are legal, and the state tree stores these names.
 */

export type ParentState = 'stopped' | 'running' | 'stopping' | 'terminated';
export type ServiceState = 'inactive' | 'active' | 'failed';
/** The driver's slot (Nitro); `zombie` = its release failed, it stays listed for ever. */
export type SlotState = 'absent' | 'INIT' | 'RUNNING' | 'STOPPED' | 'zombie';
/** The launch pipeline of a QingTian enclave, one state after each step. */
export type QingtianState =
  | 'absent'
  | 'defined'
  | 'mapped'
  | 'populated'
  | 'loaded'
  | 'equipped'
  | 'starting'
  | 'running';
export type VmState = 'absent' | 'running';
/** The process of one nitro-cli enclave. */
export type CliState = 'EMPTY' | 'RUNNING' | 'TERMINATING' | 'gone';
/** What an enclave record of the state tree may hold. */
export type LifecycleState = SlotState | QingtianState | VmState;
