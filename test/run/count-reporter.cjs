// Mocha's own spec report, and the counts as one JSON line in the file that VIDEO_TRIMMER_COUNTS names.
const { appendFileSync } = require('node:fs');
const Mocha = require('mocha');

class CountReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.VIDEO_TRIMMER_COUNTS;
    if (!file) return;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(file, JSON.stringify({ passes, failures, pending }) + '\n');
    });
  }
}

module.exports = CountReporter;
