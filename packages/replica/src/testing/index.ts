/** For tests of state machines, stores and engines. Needs vitest beside it. */
export { createMachineHarness, type MachineHarness, type Outcome } from './machine-harness.ts';
export { describeStoreCompliance, type StoreUnderTest } from './store-compliance.ts';
export { describeOrderedLogCompliance, type LogUnderTest } from './log-compliance.ts';
export { SurvivingStore } from './surviving-store.ts';
export { toyCommand, ToyMachine, type ToyCommand } from './toy-machine.ts';
