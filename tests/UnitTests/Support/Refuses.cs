using NUnit.Framework.Constraints;
using PayRecharge.Domain;

namespace PayRecharge.UnitTests.Support;

internal static class Refuses
{
    public static Constraint With(Refusal refusal) =>
        Throws.TypeOf<RefusedException>().With.Property(nameof(RefusedException.Refusal)).EqualTo(refusal);
}
