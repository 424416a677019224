using Saga.Persistence.Files.S3;

namespace Saga.Persistence.Tests.Files.S3;

public sealed class S3StorageOptionsTests
{
    [Fact]
    public void Without_a_bucket_files_are_in_a_folder()
    {
        Assert.Null(S3StorageOptions.Read(_ => null));
        Assert.Null(S3StorageOptions.Read(name => name == "Bucket" ? " " : name == "Region" ? "eu-1" : ""));
    }

    [Fact]
    public void A_bucket_alone_is_one_of_Amazons_with_defaults()
    {
        S3StorageOptions read = Read(("Bucket", "b"))!;

        Assert.Equal(new S3StorageOptions { Bucket = "b" }, read);
        Assert.Equal(("us-east-1", "saga", 20L << 30), (read.Region, read.Prefix, read.CacheMaxBytes));
    }

    [Fact]
    public void Everything_is_read_and_no_text_of_it_has_the_keys()
    {
        S3StorageOptions read = Read(
            ("Bucket", "b"), ("Endpoint", "https://s3.example.org:9000"), ("Region", "eu-1"), ("Prefix", "/one/two/"),
            ("AccessKey", "public"), ("SecretKey", "secret"), ("CacheDirectory", "/fast"), ("CacheMaxBytes", "1000"))!;

        Assert.Equal(new S3StorageOptions
        {
            Bucket = "b",
            Endpoint = new Uri("https://s3.example.org:9000"),
            Region = "eu-1",
            Prefix = "one/two",
            AccessKey = "public",
            SecretKey = "secret",
            CacheDirectory = "/fast",
            CacheMaxBytes = 1000,
        }, read);
        Assert.DoesNotContain("secret", $"{read} {new SagaStorageOptions { DataDirectory = "d", S3 = read }}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Endpoint", "https://s3.example.org", null)]
    [InlineData("SecretKey", "hidden", null)]
    [InlineData("Endpoint", "s3.example.org", "b")]
    [InlineData("Endpoint", "ftp://s3.example.org", "b")]
    [InlineData("Endpoint", "https://s3.example.org/bucket", "b")]
    [InlineData("Endpoint", "https://me:hidden@s3.example.org", "b")]
    [InlineData("Prefix", "a/../b", "b")]
    [InlineData("Prefix", "a b", "b")]
    [InlineData("SecretKey", "hidden", "b")]
    [InlineData("CacheMaxBytes", "-1", "b")]
    [InlineData("CacheMaxBytes", "0", "b")]
    [InlineData("CacheMaxBytes", "20GB", "b")]
    public void A_wrong_setting_is_named_and_no_value_of_it_shown(string name, string value, string? bucket)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Read((name, value), ("Bucket", bucket)));

        Assert.StartsWith("Saga:Storage:S3:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", error.Message, StringComparison.Ordinal);
    }

    private static S3StorageOptions? Read(params (string Name, string? Value)[] settings) =>
        S3StorageOptions.Read(name => settings.FirstOrDefault(setting => setting.Name == name).Value);
}
