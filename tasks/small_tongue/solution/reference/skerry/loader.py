"""From the texts of modules to code, in the order in which the modules run."""

from fractions import Fraction

from .compiler import Compiler
from .errors import StaticErrors
from .parser import parse
from .scopes import Module
from .values import combine, raised_unit


class Program:
    def __init__(self, files):
        self.files, self.modules, self.units = files, {}, {}
        self.order, self.loading, self.faults = [], [], []

    def load(self):
        """Return the code of all modules; raises StaticErrors."""
        self.load_module("main")
        if self.faults:
            raise StaticErrors(self.faults)
        for module in self.order:
            for node in module.tree.body:
                if node.kind == "unit":
                    self.declare_unit(module, node)
        for module in self.order:
            Compiler(module, self).compile_module()
        findings = [
            ("static", module.name, *place, message)
            for module in self.order
            for place, message in sorted(module.findings.items())
        ]
        if findings:
            raise StaticErrors(findings)
        return [module.code for module in self.order]

    def load_module(self, name):
        self.modules[name] = module = Module(name, parse(name, self.files[name]))
        self.loading.append(name)
        for use in module.tree.uses:
            if use.name in self.loading:
                self.faults.append(("static", name, *use.place, f"circular use of {use.name}"))
            elif use.name not in self.files:
                self.faults.append(("static", name, *use.place, f"module {use.name} is not there"))
            elif use.name not in self.modules:
                self.load_module(use.name)
        self.loading.pop()
        self.order.append(module)

    def declare_unit(self, module, node):
        if node.name in self.units:
            module.find_fault(node.place, f"unit {node.name} is already declared")
            return
        if node.value is None:
            self.units[node.name] = Fraction(1), ((node.name, 1),)
            return
        total, unit = Fraction(node.value.value), ()
        for name, exponent, place in node.value.unit or ():
            if name not in self.units:
                module.find_fault(place, f"unit {name} is not known")
                continue
            factor, base = self.units[name]
            total, unit = total * factor**exponent, combine(unit, raised_unit(base, exponent))
        self.units[node.name] = total, unit
