using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Retention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Content",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.InsertData(
                table: "Locks",
                columns: new[] { "Name", "Holder", "Taken", "UntilMs" },
                values: new object[] { "retention", null, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Content_FinishedAtMs",
                table: "Jobs",
                columns: new[] { "Content", "FinishedAtMs" },
                filter: "\"FinishedAtMs\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_Content_FinishedAtMs",
                table: "Jobs");

            migrationBuilder.DeleteData(
                table: "Locks",
                keyColumn: "Name",
                keyValue: "retention");

            migrationBuilder.DropColumn(
                name: "Content",
                table: "Jobs");
        }
    }
}
