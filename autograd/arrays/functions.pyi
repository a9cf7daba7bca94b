# Written by `make generate` from the table of primitives. Do not edit.

from typing import Any, SupportsFloat, TypeAlias, overload

from autograd.primitive import Primitive
from autograd.value import Value

Scalar: TypeAlias = Value | SupportsFloat

__all__ = [
    "abs",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "div",
    "elu",
    "eq",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "gaussian",
    "ge",
    "gelu",
    "gt",
    "heaviside",
    "hypot",
    "le",
    "leaky_relu",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "lt",
    "maximum",
    "minimum",
    "mod",
    "mul",
    "ne",
    "neg",
    "pow",
    "relu",
    "rint",
    "sech2",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "softplus",
    "sqrt",
    "sub",
    "tan",
    "tanh",
    "trunc",
    "where",
]

def apply(row: Primitive, operands: tuple[Any, ...]) -> Any: ...
@overload
def add(x: Value, z: Scalar, /) -> Value:
    """x + z."""

@overload
def add(x: Scalar, z: Value, /) -> Value:
    """x + z."""

@overload
def add(x: float, z: float, /) -> float:
    """x + z."""

@overload
def add(x: Any, z: Any, /) -> Any:
    """x + z."""

@overload
def sub(x: Value, z: Scalar, /) -> Value:
    """x - z."""

@overload
def sub(x: Scalar, z: Value, /) -> Value:
    """x - z."""

@overload
def sub(x: float, z: float, /) -> float:
    """x - z."""

@overload
def sub(x: Any, z: Any, /) -> Any:
    """x - z."""

@overload
def mul(x: Value, z: Scalar, /) -> Value:
    """x times z."""

@overload
def mul(x: Scalar, z: Value, /) -> Value:
    """x times z."""

@overload
def mul(x: float, z: float, /) -> float:
    """x times z."""

@overload
def mul(x: Any, z: Any, /) -> Any:
    """x times z."""

@overload
def div(x: Value, z: Scalar, /) -> Value:
    """x divided by z."""

@overload
def div(x: Scalar, z: Value, /) -> Value:
    """x divided by z."""

@overload
def div(x: float, z: float, /) -> float:
    """x divided by z."""

@overload
def div(x: Any, z: Any, /) -> Any:
    """x divided by z."""

@overload
def neg(x: Value, /) -> Value:
    """-x."""

@overload
def neg(x: float, /) -> float:
    """-x."""

@overload
def neg(x: Any, /) -> Any:
    """-x."""

@overload
def floor_divide(x: Value, z: Scalar, /) -> Value:
    """The largest whole number that is not above x / z."""

@overload
def floor_divide(x: Scalar, z: Value, /) -> Value:
    """The largest whole number that is not above x / z."""

@overload
def floor_divide(x: float, z: float, /) -> float:
    """The largest whole number that is not above x / z."""

@overload
def floor_divide(x: Any, z: Any, /) -> Any:
    """The largest whole number that is not above x / z."""

@overload
def mod(x: Value, z: Scalar, /) -> Value:
    """The remainder of x divided by z, with the sign of z."""

@overload
def mod(x: Scalar, z: Value, /) -> Value:
    """The remainder of x divided by z, with the sign of z."""

@overload
def mod(x: float, z: float, /) -> float:
    """The remainder of x divided by z, with the sign of z."""

@overload
def mod(x: Any, z: Any, /) -> Any:
    """The remainder of x divided by z, with the sign of z."""

@overload
def lt(x: Value, z: Scalar, /) -> Value:
    """1 where x < z, else 0 (with a nan: 0)."""

@overload
def lt(x: Scalar, z: Value, /) -> Value:
    """1 where x < z, else 0 (with a nan: 0)."""

@overload
def lt(x: float, z: float, /) -> float:
    """1 where x < z, else 0 (with a nan: 0)."""

@overload
def lt(x: Any, z: Any, /) -> Any:
    """1 where x < z, else 0 (with a nan: 0)."""

@overload
def le(x: Value, z: Scalar, /) -> Value:
    """1 where x <= z, else 0 (with a nan: 0)."""

@overload
def le(x: Scalar, z: Value, /) -> Value:
    """1 where x <= z, else 0 (with a nan: 0)."""

@overload
def le(x: float, z: float, /) -> float:
    """1 where x <= z, else 0 (with a nan: 0)."""

@overload
def le(x: Any, z: Any, /) -> Any:
    """1 where x <= z, else 0 (with a nan: 0)."""

@overload
def gt(x: Value, z: Scalar, /) -> Value:
    """1 where x > z, else 0 (with a nan: 0)."""

@overload
def gt(x: Scalar, z: Value, /) -> Value:
    """1 where x > z, else 0 (with a nan: 0)."""

@overload
def gt(x: float, z: float, /) -> float:
    """1 where x > z, else 0 (with a nan: 0)."""

@overload
def gt(x: Any, z: Any, /) -> Any:
    """1 where x > z, else 0 (with a nan: 0)."""

@overload
def ge(x: Value, z: Scalar, /) -> Value:
    """1 where x >= z, else 0 (with a nan: 0)."""

@overload
def ge(x: Scalar, z: Value, /) -> Value:
    """1 where x >= z, else 0 (with a nan: 0)."""

@overload
def ge(x: float, z: float, /) -> float:
    """1 where x >= z, else 0 (with a nan: 0)."""

@overload
def ge(x: Any, z: Any, /) -> Any:
    """1 where x >= z, else 0 (with a nan: 0)."""

@overload
def eq(x: Value, z: Scalar, /) -> Value:
    """1 where x == z, else 0 (with a nan: 0)."""

@overload
def eq(x: Scalar, z: Value, /) -> Value:
    """1 where x == z, else 0 (with a nan: 0)."""

@overload
def eq(x: float, z: float, /) -> float:
    """1 where x == z, else 0 (with a nan: 0)."""

@overload
def eq(x: Any, z: Any, /) -> Any:
    """1 where x == z, else 0 (with a nan: 0)."""

@overload
def ne(x: Value, z: Scalar, /) -> Value:
    """1 where x != z, else 0 (with a nan: 1)."""

@overload
def ne(x: Scalar, z: Value, /) -> Value:
    """1 where x != z, else 0 (with a nan: 1)."""

@overload
def ne(x: float, z: float, /) -> float:
    """1 where x != z, else 0 (with a nan: 1)."""

@overload
def ne(x: Any, z: Any, /) -> Any:
    """1 where x != z, else 0 (with a nan: 1)."""

@overload
def where(c: Value, x: Scalar, z: Scalar, /) -> Value:
    """x where the condition is not zero, else z."""

@overload
def where(c: Scalar, x: Value, z: Scalar, /) -> Value:
    """x where the condition is not zero, else z."""

@overload
def where(c: Scalar, x: Scalar, z: Value, /) -> Value:
    """x where the condition is not zero, else z."""

@overload
def where(c: float, x: float, z: float, /) -> float:
    """x where the condition is not zero, else z."""

@overload
def where(c: Any, x: Any, z: Any, /) -> Any:
    """x where the condition is not zero, else z."""

@overload
def minimum(x: Value, z: Scalar, /) -> Value:
    """The smaller of x and z; nan if either is nan."""

@overload
def minimum(x: Scalar, z: Value, /) -> Value:
    """The smaller of x and z; nan if either is nan."""

@overload
def minimum(x: float, z: float, /) -> float:
    """The smaller of x and z; nan if either is nan."""

@overload
def minimum(x: Any, z: Any, /) -> Any:
    """The smaller of x and z; nan if either is nan."""

@overload
def maximum(x: Value, z: Scalar, /) -> Value:
    """The larger of x and z; nan if either is nan."""

@overload
def maximum(x: Scalar, z: Value, /) -> Value:
    """The larger of x and z; nan if either is nan."""

@overload
def maximum(x: float, z: float, /) -> float:
    """The larger of x and z; nan if either is nan."""

@overload
def maximum(x: Any, z: Any, /) -> Any:
    """The larger of x and z; nan if either is nan."""

@overload
def abs(x: Value, /) -> Value:
    """The absolute value."""

@overload
def abs(x: float, /) -> float:
    """The absolute value."""

@overload
def abs(x: Any, /) -> Any:
    """The absolute value."""

@overload
def sign(x: Value, /) -> Value:
    """-1 below 0, 0 at 0, 1 above 0; nan stays nan."""

@overload
def sign(x: float, /) -> float:
    """-1 below 0, 0 at 0, 1 above 0; nan stays nan."""

@overload
def sign(x: Any, /) -> Any:
    """-1 below 0, 0 at 0, 1 above 0; nan stays nan."""

@overload
def copysign(x: Value, z: Scalar, /) -> Value:
    """|x| with the sign of z, which may be that of a zero."""

@overload
def copysign(x: Scalar, z: Value, /) -> Value:
    """|x| with the sign of z, which may be that of a zero."""

@overload
def copysign(x: float, z: float, /) -> float:
    """|x| with the sign of z, which may be that of a zero."""

@overload
def copysign(x: Any, z: Any, /) -> Any:
    """|x| with the sign of z, which may be that of a zero."""

@overload
def heaviside(x: Value, h: Scalar, /) -> Value:
    """0 below 0, h at 0, 1 above 0; nan stays nan."""

@overload
def heaviside(x: Scalar, h: Value, /) -> Value:
    """0 below 0, h at 0, 1 above 0; nan stays nan."""

@overload
def heaviside(x: float, h: float, /) -> float:
    """0 below 0, h at 0, 1 above 0; nan stays nan."""

@overload
def heaviside(x: Any, h: Any, /) -> Any:
    """0 below 0, h at 0, 1 above 0; nan stays nan."""

@overload
def floor(x: Value, /) -> Value:
    """The largest whole number that is not above x."""

@overload
def floor(x: float, /) -> float:
    """The largest whole number that is not above x."""

@overload
def floor(x: Any, /) -> Any:
    """The largest whole number that is not above x."""

@overload
def ceil(x: Value, /) -> Value:
    """The smallest whole number that is not below x."""

@overload
def ceil(x: float, /) -> float:
    """The smallest whole number that is not below x."""

@overload
def ceil(x: Any, /) -> Any:
    """The smallest whole number that is not below x."""

@overload
def rint(x: Value, /) -> Value:
    """The nearest whole number; of two the even one."""

@overload
def rint(x: float, /) -> float:
    """The nearest whole number; of two the even one."""

@overload
def rint(x: Any, /) -> Any:
    """The nearest whole number; of two the even one."""

@overload
def trunc(x: Value, /) -> Value:
    """The whole part of x, rounded towards 0."""

@overload
def trunc(x: float, /) -> float:
    """The whole part of x, rounded towards 0."""

@overload
def trunc(x: Any, /) -> Any:
    """The whole part of x, rounded towards 0."""

@overload
def exp(x: Value, /) -> Value:
    """e to the power x."""

@overload
def exp(x: float, /) -> float:
    """e to the power x."""

@overload
def exp(x: Any, /) -> Any:
    """e to the power x."""

@overload
def exp2(x: Value, /) -> Value:
    """2 to the power x."""

@overload
def exp2(x: float, /) -> float:
    """2 to the power x."""

@overload
def exp2(x: Any, /) -> Any:
    """2 to the power x."""

@overload
def expm1(x: Value, /) -> Value:
    """exp(x) - 1, accurate for small x."""

@overload
def expm1(x: float, /) -> float:
    """exp(x) - 1, accurate for small x."""

@overload
def expm1(x: Any, /) -> Any:
    """exp(x) - 1, accurate for small x."""

@overload
def log(x: Value, /) -> Value:
    """The natural logarithm."""

@overload
def log(x: float, /) -> float:
    """The natural logarithm."""

@overload
def log(x: Any, /) -> Any:
    """The natural logarithm."""

@overload
def log1p(x: Value, /) -> Value:
    """log(1 + x), accurate for small x."""

@overload
def log1p(x: float, /) -> float:
    """log(1 + x), accurate for small x."""

@overload
def log1p(x: Any, /) -> Any:
    """log(1 + x), accurate for small x."""

@overload
def log2(x: Value, /) -> Value:
    """The logarithm to base 2."""

@overload
def log2(x: float, /) -> float:
    """The logarithm to base 2."""

@overload
def log2(x: Any, /) -> Any:
    """The logarithm to base 2."""

@overload
def log10(x: Value, /) -> Value:
    """The logarithm to base 10."""

@overload
def log10(x: float, /) -> float:
    """The logarithm to base 10."""

@overload
def log10(x: Any, /) -> Any:
    """The logarithm to base 10."""

@overload
def logaddexp2(x: Value, z: Scalar, /) -> Value:
    """log2(2**x + 2**z), without overflow."""

@overload
def logaddexp2(x: Scalar, z: Value, /) -> Value:
    """log2(2**x + 2**z), without overflow."""

@overload
def logaddexp2(x: float, z: float, /) -> float:
    """log2(2**x + 2**z), without overflow."""

@overload
def logaddexp2(x: Any, z: Any, /) -> Any:
    """log2(2**x + 2**z), without overflow."""

@overload
def sqrt(x: Value, /) -> Value:
    """The square root."""

@overload
def sqrt(x: float, /) -> float:
    """The square root."""

@overload
def sqrt(x: Any, /) -> Any:
    """The square root."""

@overload
def cbrt(x: Value, /) -> Value:
    """The cube root."""

@overload
def cbrt(x: float, /) -> float:
    """The cube root."""

@overload
def cbrt(x: Any, /) -> Any:
    """The cube root."""

@overload
def hypot(x: Value, z: Scalar, /) -> Value:
    """The length of the vector (x, z), without overflow."""

@overload
def hypot(x: Scalar, z: Value, /) -> Value:
    """The length of the vector (x, z), without overflow."""

@overload
def hypot(x: float, z: float, /) -> float:
    """The length of the vector (x, z), without overflow."""

@overload
def hypot(x: Any, z: Any, /) -> Any:
    """The length of the vector (x, z), without overflow."""

@overload
def pow(x: Value, z: Scalar, /) -> Value:
    """x to the power z."""

@overload
def pow(x: Scalar, z: Value, /) -> Value:
    """x to the power z."""

@overload
def pow(x: float, z: float, /) -> float:
    """x to the power z."""

@overload
def pow(x: Any, z: Any, /) -> Any:
    """x to the power z."""

@overload
def sin(x: Value, /) -> Value:
    """The sine of an angle in radians."""

@overload
def sin(x: float, /) -> float:
    """The sine of an angle in radians."""

@overload
def sin(x: Any, /) -> Any:
    """The sine of an angle in radians."""

@overload
def cos(x: Value, /) -> Value:
    """The cosine of an angle in radians."""

@overload
def cos(x: float, /) -> float:
    """The cosine of an angle in radians."""

@overload
def cos(x: Any, /) -> Any:
    """The cosine of an angle in radians."""

@overload
def tan(x: Value, /) -> Value:
    """The tangent of an angle in radians."""

@overload
def tan(x: float, /) -> float:
    """The tangent of an angle in radians."""

@overload
def tan(x: Any, /) -> Any:
    """The tangent of an angle in radians."""

@overload
def arcsin(x: Value, /) -> Value:
    """The angle in radians whose sine is x."""

@overload
def arcsin(x: float, /) -> float:
    """The angle in radians whose sine is x."""

@overload
def arcsin(x: Any, /) -> Any:
    """The angle in radians whose sine is x."""

@overload
def arccos(x: Value, /) -> Value:
    """The angle in radians whose cosine is x."""

@overload
def arccos(x: float, /) -> float:
    """The angle in radians whose cosine is x."""

@overload
def arccos(x: Any, /) -> Any:
    """The angle in radians whose cosine is x."""

@overload
def arctan(x: Value, /) -> Value:
    """The angle in radians whose tangent is x."""

@overload
def arctan(x: float, /) -> float:
    """The angle in radians whose tangent is x."""

@overload
def arctan(x: Any, /) -> Any:
    """The angle in radians whose tangent is x."""

@overload
def arctan2(x: Value, z: Scalar, /) -> Value:
    """The angle in radians of the point (z, x): ordinate first."""

@overload
def arctan2(x: Scalar, z: Value, /) -> Value:
    """The angle in radians of the point (z, x): ordinate first."""

@overload
def arctan2(x: float, z: float, /) -> float:
    """The angle in radians of the point (z, x): ordinate first."""

@overload
def arctan2(x: Any, z: Any, /) -> Any:
    """The angle in radians of the point (z, x): ordinate first."""

@overload
def sinc(x: Value, /) -> Value:
    """sin(pi x) / (pi x), and 1 at 0: NumPy's, normalised."""

@overload
def sinc(x: float, /) -> float:
    """sin(pi x) / (pi x), and 1 at 0: NumPy's, normalised."""

@overload
def sinc(x: Any, /) -> Any:
    """sin(pi x) / (pi x), and 1 at 0: NumPy's, normalised."""

@overload
def sinh(x: Value, /) -> Value:
    """The hyperbolic sine."""

@overload
def sinh(x: float, /) -> float:
    """The hyperbolic sine."""

@overload
def sinh(x: Any, /) -> Any:
    """The hyperbolic sine."""

@overload
def cosh(x: Value, /) -> Value:
    """The hyperbolic cosine."""

@overload
def cosh(x: float, /) -> float:
    """The hyperbolic cosine."""

@overload
def cosh(x: Any, /) -> Any:
    """The hyperbolic cosine."""

@overload
def tanh(x: Value, /) -> Value:
    """The hyperbolic tangent."""

@overload
def tanh(x: float, /) -> float:
    """The hyperbolic tangent."""

@overload
def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent."""

@overload
def sech2(x: Value, /) -> Value:
    """1 / cosh(x)**2, the derivative of tanh."""

@overload
def sech2(x: float, /) -> float:
    """1 / cosh(x)**2, the derivative of tanh."""

@overload
def sech2(x: Any, /) -> Any:
    """1 / cosh(x)**2, the derivative of tanh."""

@overload
def arcsinh(x: Value, /) -> Value:
    """The number whose hyperbolic sine is x."""

@overload
def arcsinh(x: float, /) -> float:
    """The number whose hyperbolic sine is x."""

@overload
def arcsinh(x: Any, /) -> Any:
    """The number whose hyperbolic sine is x."""

@overload
def arccosh(x: Value, /) -> Value:
    """The number from 0 up whose hyperbolic cosine is x."""

@overload
def arccosh(x: float, /) -> float:
    """The number from 0 up whose hyperbolic cosine is x."""

@overload
def arccosh(x: Any, /) -> Any:
    """The number from 0 up whose hyperbolic cosine is x."""

@overload
def arctanh(x: Value, /) -> Value:
    """The number whose hyperbolic tangent is x."""

@overload
def arctanh(x: float, /) -> float:
    """The number whose hyperbolic tangent is x."""

@overload
def arctanh(x: Any, /) -> Any:
    """The number whose hyperbolic tangent is x."""

@overload
def sigmoid(x: Value, /) -> Value:
    """1 / (1 + exp(-x)), without overflow."""

@overload
def sigmoid(x: float, /) -> float:
    """1 / (1 + exp(-x)), without overflow."""

@overload
def sigmoid(x: Any, /) -> Any:
    """1 / (1 + exp(-x)), without overflow."""

@overload
def relu(x: Value, /) -> Value:
    """max(x, 0)."""

@overload
def relu(x: float, /) -> float:
    """max(x, 0)."""

@overload
def relu(x: Any, /) -> Any:
    """max(x, 0)."""

@overload
def leaky_relu(x: Value, /, slope: Scalar = ...) -> Value:
    """x above 0, slope * x below; the slope is 0.01 unless given."""

@overload
def leaky_relu(x: float, /, slope: float = ...) -> float:
    """x above 0, slope * x below; the slope is 0.01 unless given."""

@overload
def leaky_relu(x: Any, /, slope: Any = ...) -> Any:
    """x above 0, slope * x below; the slope is 0.01 unless given."""

@overload
def logaddexp(x: Value, z: Scalar, /) -> Value:
    """log(exp(x) + exp(z)), without overflow."""

@overload
def logaddexp(x: Scalar, z: Value, /) -> Value:
    """log(exp(x) + exp(z)), without overflow."""

@overload
def logaddexp(x: float, z: float, /) -> float:
    """log(exp(x) + exp(z)), without overflow."""

@overload
def logaddexp(x: Any, z: Any, /) -> Any:
    """log(exp(x) + exp(z)), without overflow."""

@overload
def softplus(x: Value, /) -> Value:
    """log(1 + exp(x)), without overflow."""

@overload
def softplus(x: float, /) -> float:
    """log(1 + exp(x)), without overflow."""

@overload
def softplus(x: Any, /) -> Any:
    """log(1 + exp(x)), without overflow."""

@overload
def silu(x: Value, /) -> Value:
    """x * sigmoid(x), also called swish (Elfwing et al., 2018)."""

@overload
def silu(x: float, /) -> float:
    """x * sigmoid(x), also called swish (Elfwing et al., 2018)."""

@overload
def silu(x: Any, /) -> Any:
    """x * sigmoid(x), also called swish (Elfwing et al., 2018)."""

@overload
def gaussian(x: Value, /) -> Value:
    """exp(-x * x / 2), with all digits of the square."""

@overload
def gaussian(x: float, /) -> float:
    """exp(-x * x / 2), with all digits of the square."""

@overload
def gaussian(x: Any, /) -> Any:
    """exp(-x * x / 2), with all digits of the square."""

@overload
def gelu(x: Value, /) -> Value:
    """x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016)."""

@overload
def gelu(x: float, /) -> float:
    """x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016)."""

@overload
def gelu(x: Any, /) -> Any:
    """x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016)."""

@overload
def elu(x: Value, /, alpha: Scalar = ...) -> Value:
    """x above 0, alpha * (exp(x) - 1) below; alpha is 1 unless given (Clevert et al., 2016)."""

@overload
def elu(x: float, /, alpha: float = ...) -> float:
    """x above 0, alpha * (exp(x) - 1) below; alpha is 1 unless given (Clevert et al., 2016)."""

@overload
def elu(x: Any, /, alpha: Any = ...) -> Any:
    """x above 0, alpha * (exp(x) - 1) below; alpha is 1 unless given (Clevert et al., 2016)."""

@overload
def erf(x: Value, /) -> Value:
    """The error function."""

@overload
def erf(x: float, /) -> float:
    """The error function."""

@overload
def erf(x: Any, /) -> Any:
    """The error function."""

@overload
def erfc(x: Value, /) -> Value:
    """1 - erf(x), accurate where erf(x) is close to 1."""

@overload
def erfc(x: float, /) -> float:
    """1 - erf(x), accurate where erf(x) is close to 1."""

@overload
def erfc(x: Any, /) -> Any:
    """1 - erf(x), accurate where erf(x) is close to 1."""

