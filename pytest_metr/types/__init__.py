"""The data that stages hand to each other: frozen, and JSON on the way out.

Units: seconds for durations, minutes for human time, bytes for sizes. Instants are UTC in ISO 8601 with
milliseconds and a ``Z``.
"""

from typing import TYPE_CHECKING

from pytest_metr.on_demand import on_demand

if TYPE_CHECKING:
    from pytest_metr.types.comparison import Change as Change
    from pytest_metr.types.comparison import ComparedAgent as ComparedAgent
    from pytest_metr.types.comparison import Comparison as Comparison
    from pytest_metr.types.comparison import Condition as Condition
    from pytest_metr.types.comparison import ConditionResult as ConditionResult
    from pytest_metr.types.comparison import LeftOut as LeftOut
    from pytest_metr.types.competence import Competence as Competence
    from pytest_metr.types.elicitation import CATEGORIES as CATEGORIES
    from pytest_metr.types.elicitation import CORRECTIONS as CORRECTIONS
    from pytest_metr.types.elicitation import LABELS as LABELS
    from pytest_metr.types.elicitation import LABELS_OF_FAILURES as LABELS_OF_FAILURES
    from pytest_metr.types.elicitation import LABELS_OF_SUCCESSES as LABELS_OF_SUCCESSES
    from pytest_metr.types.elicitation import Agreement as Agreement
    from pytest_metr.types.elicitation import CorrectedResult as CorrectedResult
    from pytest_metr.types.elicitation import Correction as Correction
    from pytest_metr.types.elicitation import Elicitation as Elicitation
    from pytest_metr.types.elicitation import Finding as Finding
    from pytest_metr.types.elicitation import GuidedRuns as GuidedRuns
    from pytest_metr.types.elicitation import Label as Label
    from pytest_metr.types.elicitation import LabelName as LabelName
    from pytest_metr.types.elicitation import ReadRuns as ReadRuns
    from pytest_metr.types.elicitation import Sample as Sample
    from pytest_metr.types.impact import MARGIN_ENDS as MARGIN_ENDS
    from pytest_metr.types.impact import BestOf as BestOf
    from pytest_metr.types.impact import Gain as Gain
    from pytest_metr.types.impact import Impact as Impact
    from pytest_metr.types.impact import ImpactStep as ImpactStep
    from pytest_metr.types.impact import MarginEnd as MarginEnd
    from pytest_metr.types.impact import NotCompared as NotCompared
    from pytest_metr.types.impact import NotComparedReason as NotComparedReason
    from pytest_metr.types.impact import SuggestedMargin as SuggestedMargin
    from pytest_metr.types.impact import UsagePerRun as UsagePerRun
    from pytest_metr.types.machines import DEFAULT_OUTPUT_LIMIT as DEFAULT_OUTPUT_LIMIT
    from pytest_metr.types.machines import ExecResult as ExecResult
    from pytest_metr.types.machines import ProbeResult as ProbeResult
    from pytest_metr.types.machines import SandboxInfo as SandboxInfo
    from pytest_metr.types.machines import User as User
    from pytest_metr.types.names import BRACKETS as BRACKETS
    from pytest_metr.types.names import CONTROL_AGENTS as CONTROL_AGENTS
    from pytest_metr.types.names import CONTROL_KINDS as CONTROL_KINDS
    from pytest_metr.types.names import DEFAULT_SUCCESS_THRESHOLD as DEFAULT_SUCCESS_THRESHOLD
    from pytest_metr.types.names import FIXES as FIXES
    from pytest_metr.types.names import HUMAN_SOURCES as HUMAN_SOURCES
    from pytest_metr.types.names import LIMIT_NAMES as LIMIT_NAMES
    from pytest_metr.types.names import RUN_STATUSES as RUN_STATUSES
    from pytest_metr.types.names import SPLITS as SPLITS
    from pytest_metr.types.names import ControlKind as ControlKind
    from pytest_metr.types.names import Fix as Fix
    from pytest_metr.types.names import HumanSource as HumanSource
    from pytest_metr.types.names import LimitName as LimitName
    from pytest_metr.types.names import RunStatus as RunStatus
    from pytest_metr.types.names import Split as Split
    from pytest_metr.types.names import bracket_of as bracket_of
    from pytest_metr.types.protocols import METRIC_FORMS as METRIC_FORMS
    from pytest_metr.types.protocols import RECORDED_WEIGHTS as RECORDED_WEIGHTS
    from pytest_metr.types.protocols import Bracket as Bracket
    from pytest_metr.types.protocols import CheckRule as CheckRule
    from pytest_metr.types.protocols import EvaluationProtocol as EvaluationProtocol
    from pytest_metr.types.protocols import RunsRule as RunsRule
    from pytest_metr.types.record import Record as Record
    from pytest_metr.types.record import now as now
    from pytest_metr.types.results import THE_START as THE_START
    from pytest_metr.types.results import AgentResult as AgentResult
    from pytest_metr.types.results import BracketResult as BracketResult
    from pytest_metr.types.results import CheckResult as CheckResult
    from pytest_metr.types.results import Decision as Decision
    from pytest_metr.types.results import Estimate as Estimate
    from pytest_metr.types.results import HorizonResult as HorizonResult
    from pytest_metr.types.results import Interval as Interval
    from pytest_metr.types.results import RuleResult as RuleResult
    from pytest_metr.types.results import ScoreResult as ScoreResult
    from pytest_metr.types.results import StageKey as StageKey
    from pytest_metr.types.results import TaskResult as TaskResult
    from pytest_metr.types.results import Verdict as Verdict
    from pytest_metr.types.rows import BY_ROUNDS as BY_ROUNDS
    from pytest_metr.types.rows import BY_STAGING as BY_STAGING
    from pytest_metr.types.rows import RunRow as RunRow
    from pytest_metr.types.runs import FailedTry as FailedTry
    from pytest_metr.types.runs import Failure as Failure
    from pytest_metr.types.runs import LimitHit as LimitHit
    from pytest_metr.types.runs import ModelUsage as ModelUsage
    from pytest_metr.types.runs import RunRecord as RunRecord
    from pytest_metr.types.runs import ScoreEntry as ScoreEntry
    from pytest_metr.types.runs import TokenCounts as TokenCounts
    from pytest_metr.types.runs import Usage as Usage
    from pytest_metr.types.tasks import NOT_COPIED as NOT_COPIED
    from pytest_metr.types.tasks import AgentSpec as AgentSpec
    from pytest_metr.types.tasks import BrokenFamily as BrokenFamily
    from pytest_metr.types.tasks import Control as Control
    from pytest_metr.types.tasks import Freeze as Freeze
    from pytest_metr.types.tasks import Gpu as Gpu
    from pytest_metr.types.tasks import Guidance as Guidance
    from pytest_metr.types.tasks import Limits as Limits
    from pytest_metr.types.tasks import Plan as Plan
    from pytest_metr.types.tasks import PlannedRun as PlannedRun
    from pytest_metr.types.tasks import Resources as Resources
    from pytest_metr.types.tasks import Scoring as Scoring
    from pytest_metr.types.tasks import TaskSpec as TaskSpec
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        comparison="Change ComparedAgent Comparison Condition ConditionResult LeftOut",
        competence="Competence",
        elicitation=(
            "CATEGORIES CORRECTIONS LABELS LABELS_OF_FAILURES LABELS_OF_SUCCESSES Agreement CorrectedResult "
            "Correction Elicitation Finding GuidedRuns Label LabelName ReadRuns Sample"
        ),
        impact=(
            "MARGIN_ENDS BestOf Gain Impact ImpactStep MarginEnd NotCompared NotComparedReason SuggestedMargin "
            "UsagePerRun"
        ),
        machines="DEFAULT_OUTPUT_LIMIT ExecResult ProbeResult SandboxInfo User",
        names=(
            "BRACKETS CONTROL_AGENTS CONTROL_KINDS DEFAULT_SUCCESS_THRESHOLD FIXES HUMAN_SOURCES LIMIT_NAMES "
            "RUN_STATUSES SPLITS ControlKind Fix HumanSource LimitName RunStatus Split bracket_of"
        ),
        protocols="METRIC_FORMS RECORDED_WEIGHTS Bracket CheckRule EvaluationProtocol RunsRule",
        record="Record now",
        results=(
            "THE_START AgentResult BracketResult CheckResult Decision Estimate HorizonResult Interval RuleResult "
            "ScoreResult StageKey TaskResult Verdict"
        ),
        rows="BY_ROUNDS BY_STAGING RunRow",
        runs="FailedTry Failure LimitHit ModelUsage RunRecord ScoreEntry TokenCounts Usage",
        tasks=(
            "NOT_COPIED AgentSpec BrokenFamily Control Freeze Gpu Guidance Limits Plan PlannedRun Resources Scoring "
            "TaskSpec"
        ),
    )
