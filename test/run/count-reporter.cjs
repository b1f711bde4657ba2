// Mocha's own spec report, and the counts of each test file as JSON lines in the file that VIDEO_TRIMMER_COUNTS names.
const { appendFileSync } = require('node:fs');
const Mocha = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

class CountReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const out = process.env.VIDEO_TRIMMER_COUNTS;
    if (!out) return;
    const counts = new Map();
    const count = (kind) => (test) => {
      const { file = '' } = test;
      const soFar = counts.get(file) ?? { file, passed: 0, failed: 0, skipped: 0 };
      counts.set(file, { ...soFar, [kind]: soFar[kind] + 1 });
    };
    runner.on(EVENT_TEST_PASS, count('passed'));
    runner.on(EVENT_TEST_FAIL, count('failed'));
    runner.on(EVENT_TEST_PENDING, count('skipped'));
    runner.once(EVENT_RUN_END, () => {
      for (const ofFile of counts.values()) appendFileSync(out, JSON.stringify(ofFile) + '\n');
    });
  }
}

module.exports = CountReporter;
