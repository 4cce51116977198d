"""Runs code: frames, leaving of frames by return or error, feeds, tasks, and the count of steps."""

from collections import deque

from .errors import OutOfSteps, Raised
from .machine import NOTHING, UNSET, check_kind
from .values import DONE, ERROR, ITEM, Closure, Native, Tagged, kind_of

DEEPEST = 5_000


class Frame:
    __slots__ = ("at", "called_at", "code", "deferred", "env", "handlers", "is_deferred", "outcome", "stack")

    def __init__(self, code, env, called_at=None, is_deferred=False):
        self.code, self.env, self.called_at, self.is_deferred = code, env, called_at, is_deferred
        self.at, self.stack, self.handlers, self.deferred, self.outcome = 0, [], [], [], None


class Coroutine:
    """A feed or a task: frames of its own."""

    def __init__(self, kind, function=None, args=(), made_at=None):
        self.kind, self.function, self.args, self.made_at = kind, function, args, made_at
        self.frames, self.state = [], "new"  # new, suspended, running, done
        self.depth = self.depth_below = 0  # active calls of its own, and of those that resumed it
        self.resumer = self.resumed_at = None
        self.stopping = False


class Task(Coroutine):
    def __init__(self, function, args, made_at, number):
        super().__init__("task", function, args, made_at)
        self.number = number
        self.running = self  # the coroutine that was running when the task lost its turn
        self.queue = self.offer = self.blocked_at = self.error = None
        self.waiters, self.result, self.observed = [], None, False


class Machine:
    def __init__(self, lines, budget):
        self.lines, self.budget, self.steps = deque(lines), budget, 0
        self.output, self.environments = [], {}
        self.main = Task(None, (), None, 0)
        self.task = self.current = self.main
        self.ready, self.tasks = deque(), []

    # -- small services

    @staticmethod
    def place_text(frame, place):
        return f"{frame.code.module}:{place[0]}:{place[1]}"

    def count_step(self, place):
        if self.steps == self.budget:
            self.out_of_steps(place)
        self.steps += 1

    def out_of_steps(self, place):
        raise OutOfSteps(f"error[budget] at {place}: budget of {self.budget} steps is used up\n")

    def next_line(self):
        return self.lines.popleft() if self.lines else None

    def push(self, value):
        self.current.frames[-1].stack.append(value)

    # -- running

    def run(self, codes):
        """Run the modules one after another in the main task, then what is left of the other tasks."""
        self.main.state = "running"
        self.modules = deque(codes)
        self.next_module()
        while self.task is not None:
            frame = self.current.frames[-1]
            operation, arg, place = frame.code.steps[frame.at]
            frame.at += 1
            try:
                operation(self, frame, arg, place)
            except Raised as error:
                error.place = error.place or self.place_text(frame, place)
                self.leave("error", error)

    def next_module(self):
        code = self.modules.popleft()
        self.environments[code.module] = env = [None, *[UNSET] * (code.size - 1)]
        self.main.frames.append(Frame(code, env))

    def call(self, callee, args, place, replace=False):
        if type(callee) is Native:
            self.check_count(callee.name, callee.count, args, callee.more)
            value = callee.function(self, args, place)
            if value is not NOTHING:
                self.push(value)
            return
        if type(callee) is not Closure:
            raise Raised("kind", f"{kind_of(callee)} cannot be called")
        self.check_args(callee, args)
        coroutine = self.current
        if replace:
            self.count_step(place)
            coroutine.frames.pop()
        else:
            self.count_call(coroutine, place)
        self.enter(coroutine, callee, args, place)

    def count_call(self, coroutine, place):
        if coroutine.depth_below + coroutine.depth >= DEEPEST:
            raise Raised("depth", f"calls are nested deeper than {DEEPEST}", place)
        self.count_step(place)
        coroutine.depth += 1

    @staticmethod
    def enter(coroutine, callee, args, place):
        code = callee.code
        coroutine.frames.append(Frame(code, [callee.env, *args], place))

    @staticmethod
    def check_count(name, count, args, more=False):
        if len(args) != count and not (more and len(args) > count):
            wanted = f"at least {count}" if more else count
            raise Raised("arity", f"{name} takes {wanted} argument{'s' * (count != 1)}, not {len(args)}")

    def check_args(self, callee, args):
        code = callee.code
        name = code.name or "fn"
        self.check_count(name, len(code.params), args)
        for (param, unit), arg in zip(code.params, args, strict=False):
            if unit is not None:
                try:
                    check_kind(arg, name, unit)
                except Raised as error:
                    error.message = error.message.replace(", not ", f" for {param}, not ", 1)
                    raise

    # -- leaving frames

    def leave(self, how, payload):
        """Leave the top frame by "return", "error" or "stop", and as many more as that takes."""
        while True:
            coroutine = self.current
            frame = coroutine.frames[-1]
            if how == "error" and frame.handlers:
                self.rescue(frame, payload)
                return
            frame.outcome = how, payload
            if frame.deferred:
                code, env = frame.deferred.pop()
                coroutine.frames.append(Frame(code, env, is_deferred=True))
                return
            coroutine.frames.pop()
            if frame.is_deferred:
                if how == "return":
                    how, payload = coroutine.frames[-1].outcome
                continue
            coroutine.depth -= frame.called_at is not None
            if coroutine.frames:
                if how == "error":
                    payload.trail.append(f"in {frame.code.name or 'fn'}, called at {frame.called_at}")
                elif how == "return":
                    self.push(payload)
                    return
                continue
            onward = self.finish(coroutine, frame, how, payload)
            if onward is None:
                return
            how, payload = onward

    @staticmethod
    def rescue(frame, error):
        frame.at, height, frame.env = frame.handlers.pop()
        del frame.stack[height:]
        frame.stack.append(Tagged(ERROR, (error.kind, error.message, error.place, error.value)))

    def finish(self, coroutine, frame, how, payload):
        """The last frame of a coroutine was left; return how its resumer goes on, or None where that is settled."""
        name = frame.code.name or "fn"
        if coroutine.kind == "feed":
            coroutine.state = "done"
            self.current = coroutine.resumer
            if how == "error":
                payload.trail.append(f"in {name}, resumed at {coroutine.resumed_at}")
                return how, payload
            self.push(Tagged(DONE, (payload,)) if how == "return" else None)
            return None
        if coroutine is self.main and how == "return" and self.modules:
            self.next_module()
            return None
        coroutine.state = "done"
        if how == "error":
            self.failed(coroutine, name, payload)
        else:
            coroutine.result = payload
            for waiter in list(coroutine.waiters):
                self.wake(waiter, payload)
        return self.next_task() if self.task is not None else None

    # -- feeds

    def new_coroutine(self, kind, args, place):
        function, *args = args
        if type(function) is not Closure:
            what = "a builtin" if type(function) is Native else kind_of(function)
            raise Raised("kind", f"{'feed' if kind == 'feed' else 'spawn'} does not take {what}")
        self.check_args(function, args)
        if kind == "feed":
            return Coroutine("feed", function, args, place)
        self.tasks.append(Task(function, args, place, len(self.tasks) + 1))
        return self.tasks[-1]

    def resume(self, feed, value, place):
        if feed.state in ("running", "done"):
            raise Raised("feed", "feed is running" if feed.state == "running" else "feed is finished")
        feed.depth_below = self.current.depth_below + self.current.depth
        self.switch(feed, place)
        if feed.state == "suspended":
            feed.state = "running"
            self.push(value)
            return NOTHING
        feed.state = "running"
        self.begin(feed)
        return NOTHING

    def switch(self, feed, place):
        feed.resumer, feed.resumed_at = self.current, place
        self.current = feed

    def begin(self, coroutine):
        """Enter the function of a coroutine that was not started yet."""
        try:
            self.count_call(coroutine, coroutine.made_at)
        except Raised:
            coroutine.state = "done"
            self.current = coroutine.resumer
            raise
        self.enter(coroutine, coroutine.function, coroutine.args, coroutine.made_at)

    def give(self, value):
        feed = self.current
        if feed.kind != "feed":
            raise Raised("feed", "give outside a feed")
        if feed.stopping:
            raise Raised("feed", "give while stopping")
        feed.state = "suspended"
        self.current = feed.resumer
        self.push(Tagged(ITEM, (value,)))
        return NOTHING

    def stop(self, feed, place):
        if feed.state == "running":
            raise Raised("feed", "feed is running")
        if feed.state != "suspended":
            feed.state = "done"
            return None
        for frame in feed.frames:
            frame.handlers.clear()
        feed.depth_below = self.current.depth_below + self.current.depth
        self.switch(feed, place)
        feed.state, feed.stopping = "running", True
        self.leave("stop", None)
        return NOTHING

    # -- tasks

    def spawn(self, task):
        self.ready.append(task)
        return task

    def block(self, queue, place, offer=None):
        """The running task waits in a queue until something wakes it."""
        task = self.task
        task.queue, task.offer, task.running, task.blocked_at = queue, offer, self.current, place
        queue.append(task)
        self.turn_over()

    def pause(self):
        self.push(None)
        self.task.running = self.current
        self.ready.append(self.task)
        self.turn_over()
        return NOTHING

    def turn_over(self):
        onward = self.next_task()
        if onward is not None:
            self.leave(*onward)

    def unblock(self, task):
        task.queue.remove(task)
        task.queue = None
        self.ready.append(task)

    def wake(self, task, value):
        self.unblock(task)
        task.running.frames[-1].stack.append(value)

    def wake_with_error(self, task, error):
        error.place = error.place or task.blocked_at
        self.unblock(task)
        task.error = error

    def next_task(self):
        """Give the turn to the next task; return how it goes on where that is an error."""
        if self.ready:
            task = self.ready.popleft()
        elif self.main.state != "done":
            task = self.main
            self.wake_with_error(task, Raised("deadlock", "all tasks are waiting"))
            self.ready.remove(task)
        else:
            self.task = None
            return None
        self.task, self.current = task, task.running
        if task.state == "new":
            task.state = "running"
            self.begin(task)
        error, task.error = task.error, None
        return None if error is None else ("error", error)

    def wait(self, task, place):
        task.observed = True
        if task is self.task:
            raise Raised("task", "task waits for itself")
        if task.state != "done":
            self.block(task.waiters, place)
            return NOTHING
        if isinstance(task.result, Raised):
            raise self.as_waited_for(task.result, place)
        return task.result

    @staticmethod
    def as_waited_for(error, place):
        """Return the error of a task as its waiter meets it. The last call of the trail is that of the task."""
        copy = Raised(error.kind, error.message, error.place, error.value)
        copy.trail = [*error.trail[:-1], error.trail[-1].rpartition(",")[0] + f", waited for at {place}"]
        return copy

    def failed(self, task, name, error):
        if task is self.main:
            self.output.append(error.report())
            self.task = None
            self.tasks = []
            return
        error.trail.append(f"in {name}, spawned at {task.made_at}")
        task.result = error
        for waiter in list(task.waiters):
            self.wake_with_error(waiter, self.as_waited_for(error, waiter.blocked_at))

    def report_unobserved(self):
        for task in self.tasks:
            if isinstance(task.result, Raised) and not task.observed:
                self.output.append(task.result.report())
