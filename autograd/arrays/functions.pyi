# Written by `make generate` from the table of primitives. Do not edit.

from typing import Any, SupportsFloat, TypeAlias, overload

from autograd.value import Value

_Scalar: TypeAlias = Value | SupportsFloat

@overload
def add(x: Value, z: _Scalar, /) -> Value: ...
@overload
def add(x: _Scalar, z: Value, /) -> Value: ...
@overload
def add(x: float, z: float, /) -> float: ...
@overload
def add(x: Any, z: Any, /) -> Any:
    """x + z."""

@overload
def sub(x: Value, z: _Scalar, /) -> Value: ...
@overload
def sub(x: _Scalar, z: Value, /) -> Value: ...
@overload
def sub(x: float, z: float, /) -> float: ...
@overload
def sub(x: Any, z: Any, /) -> Any:
    """x - z."""

@overload
def mul(x: Value, z: _Scalar, /) -> Value: ...
@overload
def mul(x: _Scalar, z: Value, /) -> Value: ...
@overload
def mul(x: float, z: float, /) -> float: ...
@overload
def mul(x: Any, z: Any, /) -> Any:
    """x times z."""

@overload
def div(x: Value, z: _Scalar, /) -> Value: ...
@overload
def div(x: _Scalar, z: Value, /) -> Value: ...
@overload
def div(x: float, z: float, /) -> float: ...
@overload
def div(x: Any, z: Any, /) -> Any:
    """x divided by z."""

@overload
def neg(x: Value, /) -> Value: ...
@overload
def neg(x: float, /) -> float: ...
@overload
def neg(x: Any, /) -> Any:
    """-x."""

@overload
def floor_divide(x: Value, z: _Scalar, /) -> Value: ...
@overload
def floor_divide(x: _Scalar, z: Value, /) -> Value: ...
@overload
def floor_divide(x: float, z: float, /) -> float: ...
@overload
def floor_divide(x: Any, z: Any, /) -> Any:
    """The largest whole number that is not above x / z."""

@overload
def mod(x: Value, z: _Scalar, /) -> Value: ...
@overload
def mod(x: _Scalar, z: Value, /) -> Value: ...
@overload
def mod(x: float, z: float, /) -> float: ...
@overload
def mod(x: Any, z: Any, /) -> Any:
    """The remainder of x divided by z, with the sign of z."""

@overload
def lt(x: Value, z: _Scalar, /) -> Value: ...
@overload
def lt(x: _Scalar, z: Value, /) -> Value: ...
@overload
def lt(x: float, z: float, /) -> float: ...
@overload
def lt(x: Any, z: Any, /) -> Any:
    """1 where x < z, else 0 (with a nan: 0)."""

@overload
def le(x: Value, z: _Scalar, /) -> Value: ...
@overload
def le(x: _Scalar, z: Value, /) -> Value: ...
@overload
def le(x: float, z: float, /) -> float: ...
@overload
def le(x: Any, z: Any, /) -> Any:
    """1 where x <= z, else 0 (with a nan: 0)."""

@overload
def gt(x: Value, z: _Scalar, /) -> Value: ...
@overload
def gt(x: _Scalar, z: Value, /) -> Value: ...
@overload
def gt(x: float, z: float, /) -> float: ...
@overload
def gt(x: Any, z: Any, /) -> Any:
    """1 where x > z, else 0 (with a nan: 0)."""

@overload
def ge(x: Value, z: _Scalar, /) -> Value: ...
@overload
def ge(x: _Scalar, z: Value, /) -> Value: ...
@overload
def ge(x: float, z: float, /) -> float: ...
@overload
def ge(x: Any, z: Any, /) -> Any:
    """1 where x >= z, else 0 (with a nan: 0)."""

@overload
def eq(x: Value, z: _Scalar, /) -> Value: ...
@overload
def eq(x: _Scalar, z: Value, /) -> Value: ...
@overload
def eq(x: float, z: float, /) -> float: ...
@overload
def eq(x: Any, z: Any, /) -> Any:
    """1 where x == z, else 0 (with a nan: 0)."""

@overload
def ne(x: Value, z: _Scalar, /) -> Value: ...
@overload
def ne(x: _Scalar, z: Value, /) -> Value: ...
@overload
def ne(x: float, z: float, /) -> float: ...
@overload
def ne(x: Any, z: Any, /) -> Any:
    """1 where x != z, else 0 (with a nan: 1)."""

@overload
def where(c: Value, x: _Scalar, z: _Scalar, /) -> Value: ...
@overload
def where(c: _Scalar, x: Value, z: _Scalar, /) -> Value: ...
@overload
def where(c: _Scalar, x: _Scalar, z: Value, /) -> Value: ...
@overload
def where(c: float, x: float, z: float, /) -> float: ...
@overload
def where(c: Any, x: Any, z: Any, /) -> Any:
    """x where the condition is not zero, else z."""

@overload
def minimum(x: Value, z: _Scalar, /) -> Value: ...
@overload
def minimum(x: _Scalar, z: Value, /) -> Value: ...
@overload
def minimum(x: float, z: float, /) -> float: ...
@overload
def minimum(x: Any, z: Any, /) -> Any:
    """The smaller of x and z; nan if either is nan."""

@overload
def maximum(x: Value, z: _Scalar, /) -> Value: ...
@overload
def maximum(x: _Scalar, z: Value, /) -> Value: ...
@overload
def maximum(x: float, z: float, /) -> float: ...
@overload
def maximum(x: Any, z: Any, /) -> Any:
    """The larger of x and z; nan if either is nan."""

@overload
def abs(x: Value, /) -> Value: ...
@overload
def abs(x: float, /) -> float: ...
@overload
def abs(x: Any, /) -> Any:
    """The absolute value."""

@overload
def sign(x: Value, /) -> Value: ...
@overload
def sign(x: float, /) -> float: ...
@overload
def sign(x: Any, /) -> Any:
    """-1 below 0, 0 at 0, 1 above 0; nan stays nan."""

@overload
def copysign(x: Value, z: _Scalar, /) -> Value: ...
@overload
def copysign(x: _Scalar, z: Value, /) -> Value: ...
@overload
def copysign(x: float, z: float, /) -> float: ...
@overload
def copysign(x: Any, z: Any, /) -> Any:
    """|x| with the sign of z, which may be that of a zero."""

@overload
def heaviside(x: Value, h: _Scalar, /) -> Value: ...
@overload
def heaviside(x: _Scalar, h: Value, /) -> Value: ...
@overload
def heaviside(x: float, h: float, /) -> float: ...
@overload
def heaviside(x: Any, h: Any, /) -> Any:
    """0 below 0, h at 0, 1 above 0; nan stays nan."""

@overload
def floor(x: Value, /) -> Value: ...
@overload
def floor(x: float, /) -> float: ...
@overload
def floor(x: Any, /) -> Any:
    """The largest whole number that is not above x."""

@overload
def ceil(x: Value, /) -> Value: ...
@overload
def ceil(x: float, /) -> float: ...
@overload
def ceil(x: Any, /) -> Any:
    """The smallest whole number that is not below x."""

@overload
def rint(x: Value, /) -> Value: ...
@overload
def rint(x: float, /) -> float: ...
@overload
def rint(x: Any, /) -> Any:
    """The nearest whole number; of two the even one."""

@overload
def trunc(x: Value, /) -> Value: ...
@overload
def trunc(x: float, /) -> float: ...
@overload
def trunc(x: Any, /) -> Any:
    """The whole part of x, rounded towards 0."""

@overload
def exp(x: Value, /) -> Value: ...
@overload
def exp(x: float, /) -> float: ...
@overload
def exp(x: Any, /) -> Any:
    """e to the power x."""

@overload
def exp2(x: Value, /) -> Value: ...
@overload
def exp2(x: float, /) -> float: ...
@overload
def exp2(x: Any, /) -> Any:
    """2 to the power x."""

@overload
def expm1(x: Value, /) -> Value: ...
@overload
def expm1(x: float, /) -> float: ...
@overload
def expm1(x: Any, /) -> Any:
    """exp(x) - 1, accurate for small x."""

@overload
def log(x: Value, /) -> Value: ...
@overload
def log(x: float, /) -> float: ...
@overload
def log(x: Any, /) -> Any:
    """The natural logarithm."""

@overload
def log1p(x: Value, /) -> Value: ...
@overload
def log1p(x: float, /) -> float: ...
@overload
def log1p(x: Any, /) -> Any:
    """log(1 + x), accurate for small x."""

@overload
def log2(x: Value, /) -> Value: ...
@overload
def log2(x: float, /) -> float: ...
@overload
def log2(x: Any, /) -> Any:
    """The logarithm to base 2."""

@overload
def log10(x: Value, /) -> Value: ...
@overload
def log10(x: float, /) -> float: ...
@overload
def log10(x: Any, /) -> Any:
    """The logarithm to base 10."""

@overload
def logaddexp2(x: Value, z: _Scalar, /) -> Value: ...
@overload
def logaddexp2(x: _Scalar, z: Value, /) -> Value: ...
@overload
def logaddexp2(x: float, z: float, /) -> float: ...
@overload
def logaddexp2(x: Any, z: Any, /) -> Any:
    """log2(2**x + 2**z), without overflow."""

@overload
def sqrt(x: Value, /) -> Value: ...
@overload
def sqrt(x: float, /) -> float: ...
@overload
def sqrt(x: Any, /) -> Any:
    """The square root."""

@overload
def cbrt(x: Value, /) -> Value: ...
@overload
def cbrt(x: float, /) -> float: ...
@overload
def cbrt(x: Any, /) -> Any:
    """The cube root."""

@overload
def hypot(x: Value, z: _Scalar, /) -> Value: ...
@overload
def hypot(x: _Scalar, z: Value, /) -> Value: ...
@overload
def hypot(x: float, z: float, /) -> float: ...
@overload
def hypot(x: Any, z: Any, /) -> Any:
    """The length of the vector (x, z), without overflow."""

@overload
def pow(x: Value, z: _Scalar, /) -> Value: ...
@overload
def pow(x: _Scalar, z: Value, /) -> Value: ...
@overload
def pow(x: float, z: float, /) -> float: ...
@overload
def pow(x: Any, z: Any, /) -> Any:
    """x to the power z."""

@overload
def sin(x: Value, /) -> Value: ...
@overload
def sin(x: float, /) -> float: ...
@overload
def sin(x: Any, /) -> Any:
    """The sine of an angle in radians."""

@overload
def cos(x: Value, /) -> Value: ...
@overload
def cos(x: float, /) -> float: ...
@overload
def cos(x: Any, /) -> Any:
    """The cosine of an angle in radians."""

@overload
def tan(x: Value, /) -> Value: ...
@overload
def tan(x: float, /) -> float: ...
@overload
def tan(x: Any, /) -> Any:
    """The tangent of an angle in radians."""

@overload
def arcsin(x: Value, /) -> Value: ...
@overload
def arcsin(x: float, /) -> float: ...
@overload
def arcsin(x: Any, /) -> Any:
    """The angle in radians whose sine is x."""

@overload
def arccos(x: Value, /) -> Value: ...
@overload
def arccos(x: float, /) -> float: ...
@overload
def arccos(x: Any, /) -> Any:
    """The angle in radians whose cosine is x."""

@overload
def arctan(x: Value, /) -> Value: ...
@overload
def arctan(x: float, /) -> float: ...
@overload
def arctan(x: Any, /) -> Any:
    """The angle in radians whose tangent is x."""

@overload
def arctan2(x: Value, z: _Scalar, /) -> Value: ...
@overload
def arctan2(x: _Scalar, z: Value, /) -> Value: ...
@overload
def arctan2(x: float, z: float, /) -> float: ...
@overload
def arctan2(x: Any, z: Any, /) -> Any:
    """The angle in radians of the point (z, x): ordinate first."""

@overload
def sinc(x: Value, /) -> Value: ...
@overload
def sinc(x: float, /) -> float: ...
@overload
def sinc(x: Any, /) -> Any:
    """sin(pi x) / (pi x), and 1 at 0: NumPy's, normalised."""

@overload
def sinh(x: Value, /) -> Value: ...
@overload
def sinh(x: float, /) -> float: ...
@overload
def sinh(x: Any, /) -> Any:
    """The hyperbolic sine."""

@overload
def cosh(x: Value, /) -> Value: ...
@overload
def cosh(x: float, /) -> float: ...
@overload
def cosh(x: Any, /) -> Any:
    """The hyperbolic cosine."""

@overload
def tanh(x: Value, /) -> Value: ...
@overload
def tanh(x: float, /) -> float: ...
@overload
def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent."""

@overload
def sech2(x: Value, /) -> Value: ...
@overload
def sech2(x: float, /) -> float: ...
@overload
def sech2(x: Any, /) -> Any:
    """1 / cosh(x)**2, the derivative of tanh."""

@overload
def arcsinh(x: Value, /) -> Value: ...
@overload
def arcsinh(x: float, /) -> float: ...
@overload
def arcsinh(x: Any, /) -> Any:
    """The number whose hyperbolic sine is x."""

@overload
def arccosh(x: Value, /) -> Value: ...
@overload
def arccosh(x: float, /) -> float: ...
@overload
def arccosh(x: Any, /) -> Any:
    """The number from 0 up whose hyperbolic cosine is x."""

@overload
def arctanh(x: Value, /) -> Value: ...
@overload
def arctanh(x: float, /) -> float: ...
@overload
def arctanh(x: Any, /) -> Any:
    """The number whose hyperbolic tangent is x."""

@overload
def sigmoid(x: Value, /) -> Value: ...
@overload
def sigmoid(x: float, /) -> float: ...
@overload
def sigmoid(x: Any, /) -> Any:
    """1 / (1 + exp(-x)), without overflow."""

@overload
def relu(x: Value, /) -> Value: ...
@overload
def relu(x: float, /) -> float: ...
@overload
def relu(x: Any, /) -> Any:
    """max(x, 0)."""

@overload
def leaky_relu(x: Value, /, slope: _Scalar = ...) -> Value: ...
@overload
def leaky_relu(x: float, /, slope: float = ...) -> float: ...
@overload
def leaky_relu(x: Any, /, slope: Any = ...) -> Any:
    """x above 0, slope * x below; the slope is 0.01 unless given."""

@overload
def logaddexp(x: Value, z: _Scalar, /) -> Value: ...
@overload
def logaddexp(x: _Scalar, z: Value, /) -> Value: ...
@overload
def logaddexp(x: float, z: float, /) -> float: ...
@overload
def logaddexp(x: Any, z: Any, /) -> Any:
    """log(exp(x) + exp(z)), without overflow."""

@overload
def softplus(x: Value, /) -> Value: ...
@overload
def softplus(x: float, /) -> float: ...
@overload
def softplus(x: Any, /) -> Any:
    """log(1 + exp(x)), without overflow."""

@overload
def silu(x: Value, /) -> Value: ...
@overload
def silu(x: float, /) -> float: ...
@overload
def silu(x: Any, /) -> Any:
    """x * sigmoid(x), also called swish (Elfwing et al., 2018)."""

@overload
def gaussian(x: Value, /) -> Value: ...
@overload
def gaussian(x: float, /) -> float: ...
@overload
def gaussian(x: Any, /) -> Any:
    """exp(-x * x / 2), with all digits of the square."""

@overload
def gelu(x: Value, /) -> Value: ...
@overload
def gelu(x: float, /) -> float: ...
@overload
def gelu(x: Any, /) -> Any:
    """x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016)."""

@overload
def elu(x: Value, /, alpha: _Scalar = ...) -> Value: ...
@overload
def elu(x: float, /, alpha: float = ...) -> float: ...
@overload
def elu(x: Any, /, alpha: Any = ...) -> Any:
    """x above 0, alpha * (exp(x) - 1) below; alpha is 1 unless given (Clevert et al., 2016)."""

@overload
def erf(x: Value, /) -> Value: ...
@overload
def erf(x: float, /) -> float: ...
@overload
def erf(x: Any, /) -> Any:
    """The error function."""

@overload
def erfc(x: Value, /) -> Value: ...
@overload
def erfc(x: float, /) -> float: ...
@overload
def erfc(x: Any, /) -> Any:
    """1 - erf(x), accurate where erf(x) is close to 1."""
