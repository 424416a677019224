using Saga.Persistence.Access;

namespace Saga.Persistence.Tests.Access;

public sealed class ApiKeyTextTests
{
    [Fact]
    public void Keys_carry_256_random_bits_and_a_prefix_that_scanners_recognise()
    {
        string[] keys = [.. Enumerable.Range(0, 100).Select(_ => ApiKeyText.Create())];

        Assert.All(keys, key => Assert.Matches("^saga_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$", key));
        Assert.Equal(100, keys.Select(key => key[18..]).Distinct().Count());
        Assert.Equal(100, keys.Select(key => key[5..17]).Distinct().Count());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("saga_")]
    [InlineData("sage_0123456789ab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("saga_0123456789AB_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("saga_0123456789ab-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("saga_0123456789ab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_key_has_no_public_part(string? text) => Assert.False(ApiKeyText.TryReadId(text, out _));
}
