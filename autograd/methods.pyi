# Written by `make generate` from the table of primitives. Do not edit.

from typing import Any, Self

class Methods:
    __slots__ = ()
    def add(self, z: Any, /) -> Self:
        """x + z."""

    def sub(self, z: Any, /) -> Self:
        """x - z."""

    def mul(self, z: Any, /) -> Self:
        """x times z."""

    def div(self, z: Any, /) -> Self:
        """x divided by z."""

    def neg(self, /) -> Self:
        """-x."""

    def floor_divide(self, z: Any, /) -> Self:
        """The largest whole number that is not above x / z."""

    def mod(self, z: Any, /) -> Self:
        """The remainder of x divided by z, with the sign of z."""

    def minimum(self, z: Any, /) -> Self:
        """The smaller of x and z; nan if either is nan."""

    def maximum(self, z: Any, /) -> Self:
        """The larger of x and z; nan if either is nan."""

    def abs(self, /) -> Self:
        """The absolute value."""

    def sign(self, /) -> Self:
        """-1 below 0, 0 at 0, 1 above 0; nan stays nan."""

    def copysign(self, z: Any, /) -> Self:
        """|x| with the sign of z, which may be that of a zero."""

    def heaviside(self, h: Any, /) -> Self:
        """0 below 0, h at 0, 1 above 0; nan stays nan."""

    def floor(self, /) -> Self:
        """The largest whole number that is not above x."""

    def ceil(self, /) -> Self:
        """The smallest whole number that is not below x."""

    def rint(self, /) -> Self:
        """The nearest whole number; of two the even one."""

    def trunc(self, /) -> Self:
        """The whole part of x, rounded towards 0."""

    def exp(self, /) -> Self:
        """e to the power x."""

    def exp2(self, /) -> Self:
        """2 to the power x."""

    def expm1(self, /) -> Self:
        """exp(x) - 1, accurate for small x."""

    def log(self, /) -> Self:
        """The natural logarithm."""

    def log1p(self, /) -> Self:
        """log(1 + x), accurate for small x."""

    def log2(self, /) -> Self:
        """The logarithm to base 2."""

    def log10(self, /) -> Self:
        """The logarithm to base 10."""

    def logaddexp2(self, z: Any, /) -> Self:
        """log2(2**x + 2**z), without overflow."""

    def sqrt(self, /) -> Self:
        """The square root."""

    def cbrt(self, /) -> Self:
        """The cube root."""

    def hypot(self, z: Any, /) -> Self:
        """The length of the vector (x, z), without overflow."""

    def pow(self, z: Any, /) -> Self:
        """x to the power z."""

    def sin(self, /) -> Self:
        """The sine of an angle in radians."""

    def cos(self, /) -> Self:
        """The cosine of an angle in radians."""

    def tan(self, /) -> Self:
        """The tangent of an angle in radians."""

    def arcsin(self, /) -> Self:
        """The angle in radians whose sine is x."""

    def arccos(self, /) -> Self:
        """The angle in radians whose cosine is x."""

    def arctan(self, /) -> Self:
        """The angle in radians whose tangent is x."""

    def arctan2(self, z: Any, /) -> Self:
        """The angle in radians of the point (z, x): ordinate first."""

    def sinc(self, /) -> Self:
        """sin(pi x) / (pi x), and 1 at 0: NumPy's, normalised."""

    def sinh(self, /) -> Self:
        """The hyperbolic sine."""

    def cosh(self, /) -> Self:
        """The hyperbolic cosine."""

    def tanh(self, /) -> Self:
        """The hyperbolic tangent."""

    def sech2(self, /) -> Self:
        """1 / cosh(x)**2, the derivative of tanh."""

    def arcsinh(self, /) -> Self:
        """The number whose hyperbolic sine is x."""

    def arccosh(self, /) -> Self:
        """The number from 0 up whose hyperbolic cosine is x."""

    def arctanh(self, /) -> Self:
        """The number whose hyperbolic tangent is x."""

    def sigmoid(self, /) -> Self:
        """1 / (1 + exp(-x)), without overflow."""

    def relu(self, /) -> Self:
        """max(x, 0)."""

    def leaky_relu(self, slope: Any = ...) -> Self:
        """x above 0, slope * x below; the slope is 0.01 unless given."""

    def logaddexp(self, z: Any, /) -> Self:
        """log(exp(x) + exp(z)), without overflow."""

    def softplus(self, /) -> Self:
        """log(1 + exp(x)), without overflow."""

    def silu(self, /) -> Self:
        """x * sigmoid(x), also called swish (Elfwing et al., 2018)."""

    def gaussian(self, /) -> Self:
        """exp(-x * x / 2), with all digits of the square."""

    def gelu(self, /) -> Self:
        """x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016)."""

    def elu(self, alpha: Any = ...) -> Self:
        """x above 0, alpha * (exp(x) - 1) below; alpha is 1 unless given (Clevert et al., 2016)."""

    def erf(self, /) -> Self:
        """The error function."""

    def erfc(self, /) -> Self:
        """1 - erf(x), accurate where erf(x) is close to 1."""

